# SPDX-License-Identifier: Apache-2.0
# The kernel files and the forms they are compiled in.
#
# A fast file is compiled once per instruction set, a reference file plainly and
# with FMA; LKS_FORM becomes the suffix of every symbol (kernel_table.h).  The products
# are compiled again with bf16 in their packed words (word.h), for precision bf16, where
# AVX-512 has two forms, with the instruction for it and without, and for bf16-amx, which
# has files of its own for AMX.  The
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
  peak_fast.c
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
  peak_reference.c
  table_reference.c
)

set(lks_kernels_fast_bf16 product_fast.c segmented_fast.c table_bf16_fast.c)
set(lks_kernels_reference_bf16
  product_reference.c segmented_reference.c table_bf16_reference.c)

set(lks_kernels_amx product_amx.c segmented_amx.c table_amx.c)

# lks_add_kernel_form(form FILES fast|… DEFINES name=value... FLAGS flag...)
function(lks_add_kernel_form form)
  cmake_parse_arguments(arg "" "FILES" "DEFINES;FLAGS" ${ARGN})
  list(TRANSFORM lks_kernels_${arg_FILES} PREPEND kernels/ OUTPUT_VARIABLE sources)
  add_library(lks_kernels_${form} OBJECT ${sources})
  lks_dress(lks_kernels_${form})
  target_compile_options(lks_kernels_${form} PRIVATE -O3 -fno-trapping-math ${arg_FLAGS})
  target_compile_definitions(lks_kernels_${form} PRIVATE LKS_FORM=${form} ${arg_DEFINES})
  target_sources(lks_kernels PRIVATE $<TARGET_OBJECTS:lks_kernels_${form}>)
endfunction()

# A fast form over isa_<isa>.h, and the forms of its products over bf16 and bf16-amx.
function(lks_add_fast_form form isa)
  set(isa "LKS_ISA_HEADER=\"kernels/isa_${isa}.h\"")
  lks_add_kernel_form(${form} FILES fast FLAGS ${ARGN}
    DEFINES ${isa} "LKS_WORD_HEADER=\"kernels/word_f32.h\"")
  foreach(precision bf16 bf16_amx)
    lks_add_kernel_form(${form}_${precision} FILES fast_bf16 FLAGS ${ARGN}
      DEFINES ${isa} "LKS_WORD_HEADER=\"kernels/word_${precision}.h\"" LKS_F32_FORM=${form})
  endforeach()
endfunction()

function(lks_add_reference_form form)
  lks_add_kernel_form(${form} FILES reference FLAGS ${ARGN}
    DEFINES LKS_CHAIN_TERMS=1 LKS_F32_FORM=${form})
  lks_add_kernel_form(${form}_bf16 FILES reference_bf16 FLAGS ${ARGN}
    DEFINES LKS_CHAIN_TERMS=2 LKS_F32_FORM=${form})
  lks_add_kernel_form(${form}_bf16_amx FILES reference_bf16 FLAGS ${ARGN}
    DEFINES LKS_CHAIN_TERMS=LKS_AMX_TERMS LKS_F32_FORM=${form})
endfunction()

set(lks_avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma)
lks_add_fast_form(avx512 avx512 ${lks_avx512})
lks_add_kernel_form(avx512_vdpbf16 FILES fast_bf16 FLAGS ${lks_avx512} -mavx512bf16
  DEFINES "LKS_ISA_HEADER=\"kernels/isa_avx512.h\""
          "LKS_WORD_HEADER=\"kernels/isa_avx512_bf16.h\"" LKS_F32_FORM=avx512)
lks_add_kernel_form(avx512_amx FILES amx FLAGS ${lks_avx512} -mavx512bf16 -mamx-tile -mamx-bf16
  DEFINES "LKS_ISA_HEADER=\"kernels/isa_avx512.h\"" LKS_F32_FORM=avx512)
lks_add_fast_form(avx2 avx2 -mavx2 -mfma)
lks_add_fast_form(portable portable)
lks_add_fast_form(portable_fma portable -mavx2 -mfma)
lks_add_reference_form(reference)
lks_add_reference_form(reference_fma -mfma)
