    .intel_syntax noprefix
    push rbx
    push r12
    mov  rbx, rdi
    mov  rdi, [rbx + 0]        # clone flags
    mov  rsi, [rbx + 8]        # top of the child's stack
    xor  edx, edx              # parent_tid
    lea  r10, [rbx + 24]       # child_tid: cleared, and its waiters woken, at exec or exit
    xor  r8d, r8d              # tls
    mov  eax, 56               # clone
    syscall
    test rax, rax
    jz   child
    pop  r12
    pop  rbx
    ret
child:
    mov  r12, [rbx + 16]       # first step
step:
    mov  rax, [r12]
    test rax, rax
    js   special
    mov  rdi, [r12 + 8]
    mov  rsi, [r12 + 16]
    mov  rdx, [r12 + 24]
    mov  r10, [r12 + 32]
    mov  r8,  [r12 + 40]
    xor  r9d, r9d
    syscall
    cmp  rax, [r12 + 48]       # least good result
    jl   fail
    cmp  rax, [r12 + 56]       # greatest good result
    jg   fail
next:
    add  r12, 64
    jmp  step
special:
    cmp  rax, -2
    je   serve
gate:
    mov  eax, [rbx + 28]
    test eax, eax
    jnz  opened
    lea  rdi, [rbx + 28]
    mov  eax, 202              # futex(&gate, FUTEX_WAIT, 0, NULL)
    xor  esi, esi
    xor  edx, edx
    xor  r10d, r10d
    syscall
    jmp  gate
opened:
    cmp  eax, 1
    je   next
fail:
    mov  [rbx + 32], rax       # the result that was not good
    mov  [rbx + 40], r12       # of which step
    mov  edi, 127
    mov  eax, 231              # exit_group
    syscall
serve:
    mov  eax, [rbx + 48]       # asked for a child?
    test eax, eax
    jnz  asked
    lea  rdi, [rbx + 48]
    mov  eax, 202              # futex(&asked, FUTEX_WAIT, 0, NULL)
    xor  esi, esi
    xor  edx, edx
    xor  r10d, r10d
    syscall
    jmp  serve
asked:
    mov  r13, [rbx + 56]       # the child's own block
    mov  rdi, [r13 + 0]
    mov  rsi, [r13 + 8]
    xor  edx, edx
    lea  r10, [r13 + 24]
    xor  r8d, r8d
    mov  eax, 56               # clone
    syscall
    test rax, rax
    jz   born
    mov  [rbx + 64], rax       # the answer, and then: no longer asked
    mov  dword ptr [rbx + 48], 0
    lea  rdi, [rbx + 48]
    mov  eax, 202              # futex(&asked, FUTEX_WAKE, all)
    mov  esi, 1
    mov  edx, 0x7fffffff
    syscall
    jmp  serve
born:
    mov  rbx, r13
    jmp  child
