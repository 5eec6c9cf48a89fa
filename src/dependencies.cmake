# SPDX-License-Identifier: Apache-2.0
# The libraries that lockstep stands on, each as one imported target.  A missing
# one is named by its Debian package.
find_package(PkgConfig QUIET)
if(NOT PKG_CONFIG_FOUND)
  message(FATAL_ERROR "lockstep: pkg-config not found; on Debian: apt-get install pkg-config")
endif()

# Finds a pkg-config module as an imported target.
function(lks_find_module target module package)
  pkg_check_modules(${target} QUIET IMPORTED_TARGET GLOBAL ${module})
  if(NOT ${target}_FOUND)
    message(FATAL_ERROR "lockstep: ${module} not found; on Debian: apt-get install ${package}")
  endif()
  add_library(lks_${target} INTERFACE IMPORTED GLOBAL)
  target_link_libraries(lks_${target} INTERFACE PkgConfig::${target})
  set(LOCKSTEP_${target}_VERSION ${${target}_VERSION} CACHE INTERNAL "")
endfunction()

# Finds a library that has neither, by its header and its name.
function(lks_find_library target header library package)
  find_path(LOCKSTEP_${target}_HEADERS ${header})
  find_library(LOCKSTEP_${target}_LIBRARY ${library})
  mark_as_advanced(LOCKSTEP_${target}_HEADERS LOCKSTEP_${target}_LIBRARY)
  if(NOT LOCKSTEP_${target}_HEADERS OR NOT LOCKSTEP_${target}_LIBRARY)
    message(FATAL_ERROR "lockstep: ${header} not found; on Debian: apt-get install ${package}")
  endif()
  add_library(lks_${target} INTERFACE IMPORTED GLOBAL)
  target_include_directories(lks_${target} INTERFACE ${LOCKSTEP_${target}_HEADERS})
  target_link_libraries(lks_${target} INTERFACE ${LOCKSTEP_${target}_LIBRARY})
endfunction()

# Finds a CMake package, or says which Debian package holds it.
macro(lks_find_package name package)
  find_package(${name} QUIET ${ARGN})
  if(NOT ${name}_FOUND)
    message(FATAL_ERROR "lockstep: ${name} not found; on Debian: apt-get install ${package}")
  endif()
endmacro()

if(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  set(openmp_package libomp-dev)
else()
  set(openmp_package gcc)
endif()

lks_find_package(MPI libopenmpi-dev COMPONENTS C)
lks_find_package(OpenMP ${openmp_package} COMPONENTS C)
lks_find_package(OpenSSL libssl-dev COMPONENTS Crypto)
lks_find_package(Threads libc6-dev)

# Access to HDF5 is serial, so either package of the system does; the headers of
# the parallel one include mpi.h.
lks_find_package(HDF5 libhdf5-dev COMPONENTS C)
add_library(lks_hdf5 INTERFACE IMPORTED GLOBAL)
target_link_libraries(lks_hdf5 INTERFACE hdf5::hdf5)
if(HDF5_IS_PARALLEL)
  target_link_libraries(lks_hdf5 INTERFACE MPI::MPI_C)
endif()

lks_find_module(openblas openblas libopenblas-openmp-dev)
lks_find_module(inih inih libinih-dev)
lks_find_module(cjson libcjson libcjson-dev)
lks_find_module(matio matio libmatio-dev)
lks_find_module(sentencepiece sentencepiece libsentencepiece-dev)
lks_find_library(deflate libdeflate.h deflate libdeflate-dev)
lks_find_library(csv csv.h csv libcsv-dev)
if(LOCKSTEP_BUILD_TESTS)
  lks_find_module(cunit cunit libcunit1-dev)
endif()
