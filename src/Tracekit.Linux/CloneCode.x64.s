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
    js   gate
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
