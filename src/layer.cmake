# SPDX-License-Identifier: Apache-2.0
# lks_add_layer: folder = layer = target, and the check that it keeps to what it
# says.  The flags here are part of the promise of equal bits: contraction only
# by explicit fma, no fast-math, and no -march beyond the processor's baseline.
add_library(lks_flags INTERFACE)
target_compile_features(lks_flags INTERFACE c_std_11 cxx_std_17)
target_compile_definitions(lks_flags INTERFACE _GNU_SOURCE)
target_compile_options(lks_flags INTERFACE
  -ffp-contract=off $<$<NOT:$<CONFIG:Debug>>:-O3> -fno-math-errno)
target_include_directories(lks_flags INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src> $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>)
if(LOCKSTEP_SANITIZE)
  target_compile_options(lks_flags INTERFACE
    -fsanitize=${LOCKSTEP_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  target_link_options(lks_flags INTERFACE -fsanitize=${LOCKSTEP_SANITIZE})
endif()

add_library(lks_warnings INTERFACE)
target_compile_options(lks_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow
  $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes> $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
  $<$<BOOL:${LOCKSTEP_WARNINGS_AS_ERRORS}>:-Werror>)

# What every target of ours has: C11 without extensions, hidden symbols, one set
# of flags.
function(lks_dress target)
  set_target_properties(${target} PROPERTIES
    C_STANDARD 11 C_STANDARD_REQUIRED ON C_EXTENSIONS OFF
    CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF
    C_VISIBILITY_PRESET hidden CXX_VISIBILITY_PRESET hidden POSITION_INDEPENDENT_CODE ON)
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:lks_flags>
                                          $<BUILD_INTERFACE:lks_warnings>)
endfunction()

# lks_add_layer(name SOURCES file... [USES layer...] [LIBRARIES target...]
#               [HEADERS public.h...])
# makes the library lks_<name> of src/<name>.  It may include its own headers,
# those of USES, and the public headers that it or USES own (HEADERS); the test
# architecture.<name> holds it to that.
function(lks_add_layer name)
  cmake_parse_arguments(LAYER "" "" "SOURCES;USES;LIBRARIES;HEADERS" ${ARGN})
  if(LAYER_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "lks_add_layer(${name}): what is ${LAYER_UNPARSED_ARGUMENTS}?")
  endif()
  list(TRANSFORM LAYER_SOURCES PREPEND ${name}/)
  add_library(lks_${name} STATIC ${LAYER_SOURCES})
  lks_dress(lks_${name})
  list(TRANSFORM LAYER_USES PREPEND lks_ OUTPUT_VARIABLE targets)
  target_link_libraries(lks_${name} PUBLIC ${targets} PRIVATE ${LAYER_LIBRARIES})

  set(public ${LAYER_HEADERS})
  foreach(below IN LISTS LAYER_USES)
    get_property(headers GLOBAL PROPERTY lks_headers_${below})
    list(APPEND public ${headers})
  endforeach()
  set_property(GLOBAL PROPERTY lks_headers_${name} ${LAYER_HEADERS})
  set_property(GLOBAL APPEND PROPERTY lks_layers ${name})
  if(LOCKSTEP_BUILD_TESTS)
    list(JOIN LAYER_USES " " uses)
    list(JOIN public " " public)
    set_property(GLOBAL APPEND PROPERTY lks_layer_rules "${name}|${name} ${uses}|${public}")
    add_test(NAME architecture.${name}
             COMMAND ${PROJECT_SOURCE_DIR}/tests/architecture/check_layer.sh
                     ${CMAKE_CURRENT_SOURCE_DIR}/${name} "${name} ${uses}" "${public}")
    set_tests_properties(architecture.${name} PROPERTIES LABELS architecture TIMEOUT 30)
  endif()
endfunction()
