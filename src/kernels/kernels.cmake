# SPDX-License-Identifier: Apache-2.0
# The kernel files and the forms they are compiled in.
#
# A fast file is compiled once per instruction set, a reference file plainly and
# with FMA; LKS_FORM becomes the suffix of every symbol (kernel_table.h).  The
# flags that decide nothing but speed stand here too, after those of the build
# type, so that a debug build still expands its register tiles.

set(lks_kernels_fast
  product_fast.c
  segmented_fast.c
  segmented_sum_fast.c
  functions_fast.c
  gates_lstm_fast.c
  gates_gru_fast.c
  gates_rnn_fast.c
  softmax_fast.c
  norm_fast.c
  dropout_fast.c
  update_fast.c
  table_fast.c
)
set(lks_kernels_reference
  product_reference.c
  segmented_reference.c
  segmented_sum_reference.c
  functions_reference.c
  gates_lstm_reference.c
  gates_gru_reference.c
  gates_rnn_reference.c
  softmax_reference.c
  norm_reference.c
  dropout_reference.c
  update_reference.c
  table_reference.c
)

# lks_add_kernel_form(form fast|reference isa flag...)
function(lks_add_kernel_form form kind isa)
  list(TRANSFORM lks_kernels_${kind} PREPEND kernels/ OUTPUT_VARIABLE sources)
  add_library(lks_kernels_${form} OBJECT ${sources})
  lks_dress(lks_kernels_${form})
  target_compile_options(lks_kernels_${form} PRIVATE -O3 -fno-trapping-math ${ARGN})
  target_compile_definitions(lks_kernels_${form} PRIVATE
    LKS_FORM=${form} "LKS_ISA_HEADER=\"kernels/isa_${isa}.h\""
    "LKS_WORD_HEADER=\"kernels/word_f32.h\"")
  target_sources(lks_kernels PRIVATE $<TARGET_OBJECTS:lks_kernels_${form}>)
endfunction()

lks_add_kernel_form(avx512 fast avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma)
lks_add_kernel_form(avx2 fast avx2 -mavx2 -mfma)
lks_add_kernel_form(portable fast portable)
lks_add_kernel_form(portable_fma fast portable -mavx2 -mfma)
lks_add_kernel_form(reference reference portable)
lks_add_kernel_form(reference_fma reference portable -mfma)
