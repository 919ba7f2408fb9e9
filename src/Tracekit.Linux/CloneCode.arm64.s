    // long stub(struct block *x0)
    mov  x9, x0
    ldr  x0, [x9, #0]
    ldr  x1, [x9, #8]
    mov  x2, xzr
    mov  x3, xzr              // tls (arm64: fourth argument)
    add  x4, x9, #24          // child_tid (arm64: fifth)
    mov  x8, #220             // clone
    svc  #0
    cbz  x0, child
    ret
child:
    ldr  x10, [x9, #16]
step:
    ldr  x8, [x10, #0]
    tbnz x8, #63, special
    ldp  x0, x1, [x10, #8]
    ldp  x2, x3, [x10, #24]
    ldr  x4, [x10, #40]
    mov  x5, xzr
    svc  #0
    ldp  x11, x12, [x10, #48]
    cmp  x0, x11
    b.lt fail
    cmp  x0, x12
    b.gt fail
next:
    add  x10, x10, #64
    b    step
special:
    cmn  x8, #2
    b.eq serve
gate:
    add  x11, x9, #28
    ldar w0, [x11]
    cbnz w0, opened
    add  x0, x9, #28
    mov  x1, xzr
    mov  x2, xzr
    mov  x3, xzr
    mov  x8, #98              // futex
    svc  #0
    b    gate
opened:
    cmp  w0, #1
    b.eq next
fail:
    str  x0, [x9, #32]
    str  x10, [x9, #40]
    mov  x0, #127
    mov  x8, #94              // exit_group
    svc  #0
serve:
    add  x11, x9, #48         // asked for a child?
    ldar w0, [x11]
    cbnz w0, asked
    mov  x0, x11
    mov  x1, xzr
    mov  x2, xzr
    mov  x3, xzr
    mov  x8, #98              // futex(&asked, FUTEX_WAIT, 0, NULL)
    svc  #0
    b    serve
asked:
    ldr  x13, [x9, #56]       // the child's own block
    ldr  x0, [x13, #0]
    ldr  x1, [x13, #8]
    mov  x2, xzr
    mov  x3, xzr
    add  x4, x13, #24
    mov  x8, #220             // clone
    svc  #0
    cbz  x0, born
    str  x0, [x9, #64]        // the answer, and then: no longer asked
    add  x0, x9, #48
    stlr wzr, [x0]
    mov  x1, #1
    mov  x2, #0x7fffffff
    mov  x8, #98              // futex(&asked, FUTEX_WAKE, all)
    svc  #0
    b    serve
born:
    mov  x9, x13
    b    child
