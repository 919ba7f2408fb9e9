Console.WriteLine("tracekit 0.1.0");
return 0;
