# SPDX-License-Identifier: Apache-2.0
# What was configured, in ten lines.
if(HDF5_IS_PARALLEL)
  set(hdf5_kind "parallel package, serial access")
else()
  set(hdf5_kind "serial package")
endif()
get_property(layers GLOBAL PROPERTY lks_layers)
list(JOIN layers " " layers)
string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type_upper)
foreach(line IN ITEMS
    "lockstep ${PROJECT_VERSION}"
    "  compiler   ${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}, ${CMAKE_BUILD_TYPE}"
    "  MPI        ${MPI_C_VERSION} (${MPIEXEC_EXECUTABLE})"
    "  OpenMP     ${OpenMP_C_VERSION}"
    "  BLAS       OpenBLAS ${LOCKSTEP_openblas_VERSION}"
    "  HDF5       ${HDF5_VERSION}, ${hdf5_kind}"
    "  sanitizer  ${LOCKSTEP_SANITIZE}"
    "  tests      ${LOCKSTEP_BUILD_TESTS}"
    "  layers     ${layers}"
    "  prefix     ${CMAKE_INSTALL_PREFIX}")
  message(STATUS "${line}")
endforeach()
