# The kernel files and the forms they are compiled in.
#
# A fast file is compiled once per instruction set, a reference file plainly and
# with FMA; LKS_FORM becomes the suffix of every symbol (kernel_table.h).  The
# flags that decide nothing but speed stand here too, after those of the build
# type, so that a debug build still expands its register tiles.

set(lks_kernels_fast
  kernels/product_fast.c
  kernels/segmented_fast.c
  kernels/segmented_sum_fast.c
  kernels/table_fast.c
)
set(lks_kernels_reference
  kernels/product_reference.c
  kernels/segmented_reference.c
  kernels/table_reference.c
)

set(lks_kernels_flags -O3 -ffp-contract=off -fno-math-errno -fno-trapping-math)
set(lks_kernels_objects)

function(lks_add_kernel_form form kind isa)
  add_library(lks_kernels_${form} OBJECT ${lks_kernels_${kind}})
  target_include_directories(lks_kernels_${form} PRIVATE
    ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/include)
  target_compile_options(lks_kernels_${form} PRIVATE ${lks_kernels_flags} ${ARGN})
  target_compile_definitions(lks_kernels_${form} PRIVATE
    LKS_FORM=${form} "LKS_ISA_HEADER=\"kernels/isa_${isa}.h\"")
  list(APPEND lks_kernels_objects $<TARGET_OBJECTS:lks_kernels_${form}>)
  set(lks_kernels_objects ${lks_kernels_objects} PARENT_SCOPE)
endfunction()

lks_add_kernel_form(avx512 fast avx512 -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma)
lks_add_kernel_form(avx2 fast avx2 -mavx2 -mfma)
lks_add_kernel_form(portable fast portable)
lks_add_kernel_form(portable_fma fast portable -mavx2 -mfma)
lks_add_kernel_form(reference reference portable)
lks_add_kernel_form(reference_fma reference portable -mfma)
