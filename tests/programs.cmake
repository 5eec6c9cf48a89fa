# SPDX-License-Identifier: Apache-2.0
# How test programs are made and registered.
#
# A source test_<noun>.c holds the list <noun>_tests; the program's main function,
# which runs the lists of all its sources, is written here from the list of
# sources, so that a test file is named once.
add_library(lks_test_support STATIC support/check.c support/suites.c
                                    support/temporary_folder.c)
lks_dress(lks_test_support)
target_include_directories(lks_test_support PUBLIC support)
target_link_libraries(lks_test_support PUBLIC lks_base PRIVATE lks_cunit m)

if(TARGET lks_comm)
  add_library(lks_test_parallel STATIC support/parallel.c)
  lks_dress(lks_test_parallel)
  target_link_libraries(lks_test_parallel PUBLIC lks_test_support lks_comm)
endif()

set(LKS_SANITIZER_ENVIRONMENT
  "ASAN_OPTIONS=fast_unwind_on_malloc=0"
  "LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/support/leaks_of_libraries.supp:print_suppressions=0"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=ignore_noninstrumented_modules=1")

# Open MPI starts ranks for root only when root says that it knows.
execute_process(COMMAND id -u OUTPUT_VARIABLE user OUTPUT_STRIP_TRAILING_WHITESPACE)
set(LKS_MPI_ENVIRONMENT "OMP_NUM_THREADS=1")
if(user STREQUAL "0")
  list(APPEND LKS_MPI_ENVIRONMENT OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1)
endif()

# Writes the main function of a program into the build folder; sets ${result} to
# its path and ${nouns} to the nouns of the sources.
function(lks_write_main program template result nouns)
  set(DECLARATIONS "")
  set(SUITES "")
  set(found "")
  foreach(source IN LISTS ARGN)
    get_filename_component(noun ${source} NAME_WE)
    string(REGEX REPLACE "^test_" "" noun ${noun})
    string(APPEND DECLARATIONS "extern const lks_test ${noun}_tests[];\n")
    string(APPEND SUITES "      {\"${noun}\", ${noun}_tests},\n")
    list(APPEND found ${noun})
  endforeach()
  configure_file(support/${template} ${CMAKE_CURRENT_BINARY_DIR}/${program}_main.c @ONLY)
  set(${result} ${CMAKE_CURRENT_BINARY_DIR}/${program}_main.c PARENT_SCOPE)
  set(${nouns} ${found} PARENT_SCOPE)
endfunction()

# lks_add_unit_test(layer SOURCES test_<noun>.c... [ALSO file...] [USES layer...]
#                   [LIBRARIES target...])
# One program for tests/unit/<layer>; ctest unit.<layer>.<noun> for each source.
# ALSO: further sources, from tests/.  Paths of SOURCES are in tests/unit/<layer>.
function(lks_add_unit_test layer)
  cmake_parse_arguments(UNIT "" "" "SOURCES;ALSO;USES;LIBRARIES" ${ARGN})
  set(program unit_${layer})
  lks_write_main(${program} unit_main.c.in main nouns ${UNIT_SOURCES})
  list(TRANSFORM UNIT_SOURCES PREPEND unit/${layer}/)
  list(TRANSFORM UNIT_USES PREPEND lks_)
  add_executable(${program} ${main} ${UNIT_SOURCES} ${UNIT_ALSO})
  lks_dress(${program})
  target_link_libraries(${program} PRIVATE lks_test_support lks_${layer} ${UNIT_USES}
                                           ${UNIT_LIBRARIES} m)
  foreach(noun IN LISTS nouns)
    add_test(NAME unit.${layer}.${noun} COMMAND ${program} ${noun}
             WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    set_tests_properties(unit.${layer}.${noun} PROPERTIES LABELS unit TIMEOUT 120
      ENVIRONMENT "OMP_NUM_THREADS=2;OMP_WAIT_POLICY=passive;LOCKSTEP_TESTS=${CMAKE_CURRENT_SOURCE_DIR};${LKS_SANITIZER_ENVIRONMENT}")
  endforeach()
endfunction()

# lks_add_parallel_test(name SOURCES test_<noun>.c... RANKS 1 2 3... USES layer...
#                       [ALSO file...] [LIBRARIES target...])
# One program of tests/parallel; ctest parallel.<name>.<n>_ranks for each count.  A
# count of n/k makes every k of the n ranks pretend to be on a host of their own.
# Its main function makes the communicator: lks_test_comm() of support/parallel.h.
function(lks_add_parallel_test name)
  cmake_parse_arguments(PARALLEL "" "" "SOURCES;ALSO;RANKS;USES;LIBRARIES" ${ARGN})
  set(program parallel_${name})
  lks_write_main(${program} parallel_main.c.in main nouns ${PARALLEL_SOURCES})
  list(TRANSFORM PARALLEL_SOURCES PREPEND parallel/)
  list(TRANSFORM PARALLEL_USES PREPEND lks_)
  add_executable(${program} ${main} ${PARALLEL_SOURCES} ${PARALLEL_ALSO})
  lks_dress(${program})
  target_link_libraries(${program} PRIVATE lks_test_parallel ${PARALLEL_USES}
                                           ${PARALLEL_LIBRARIES} m)
  foreach(count IN LISTS PARALLEL_RANKS)
    string(REGEX MATCH "^([0-9]+)/?([0-9]*)$" found ${count})
    set(ranks ${CMAKE_MATCH_1})
    set(test parallel.${name}.${ranks}_ranks)
    set(hosts "")
    if(CMAKE_MATCH_2)
      string(APPEND test _${CMAKE_MATCH_2}_a_host)
      set(hosts "LOCKSTEP_RANKS_PER_HOST=${CMAKE_MATCH_2};")
    endif()
    add_test(NAME ${test}
             COMMAND ${MPIEXEC_EXECUTABLE} --oversubscribe --bind-to none --timeout 100
                     ${MPIEXEC_NUMPROC_FLAG} ${ranks} $<TARGET_FILE:${program}>
             WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    set_tests_properties(${test} PROPERTIES
      LABELS parallel PROCESSORS ${ranks} TIMEOUT 120
      ENVIRONMENT "${hosts}${LKS_MPI_ENVIRONMENT};LOCKSTEP_TESTS=${CMAKE_CURRENT_SOURCE_DIR};${LKS_SANITIZER_ENVIRONMENT}")
  endforeach()
endfunction()

# lks_add_fuzz_test(noun [USES layer...])
# Replays tests/fuzz/corpus/<noun> through fuzz/fuzz_<noun>.c.  With clang and
# LOCKSTEP_SANITIZE=address,undefined,fuzzer-no-link the program is a libFuzzer one:
# bin/fuzz_<noun> tests/fuzz/corpus/<noun>
function(lks_add_fuzz_test noun)
  cmake_parse_arguments(FUZZ "" "" "USES" ${ARGN})
  list(TRANSFORM FUZZ_USES PREPEND lks_)
  add_executable(fuzz_${noun} fuzz/fuzz_${noun}.c)
  lks_dress(fuzz_${noun})
  target_link_libraries(fuzz_${noun} PRIVATE lks_base ${FUZZ_USES})
  if(LOCKSTEP_SANITIZE MATCHES fuzzer)
    target_link_options(fuzz_${noun} PRIVATE -fsanitize=fuzzer)
    return()
  endif()
  target_sources(fuzz_${noun} PRIVATE fuzz/replay.c)
  add_test(NAME fuzz.${noun}
           COMMAND fuzz_${noun} ${CMAKE_CURRENT_SOURCE_DIR}/fuzz/corpus/${noun})
  set_tests_properties(fuzz.${noun} PROPERTIES LABELS fuzz TIMEOUT 120
    ENVIRONMENT "${LKS_SANITIZER_ENVIRONMENT}")
endfunction()
