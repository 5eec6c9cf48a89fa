# SPDX-License-Identifier: Apache-2.0
# The workloads of lockstep bench: their INI files become a C source, so that an
# installed program has them.
#
# Included by src/CMakeLists.txt it adds that source to lks_measure; run as a script
# (cmake -DOUT=workload_texts.c -P workloads.cmake FILE.ini...) it writes it.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  file(GLOB lks_workloads CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/workloads/*.ini)
  set(lks_workload_texts ${CMAKE_CURRENT_BINARY_DIR}/workload_texts.c)
  add_custom_command(OUTPUT ${lks_workload_texts}
    COMMAND ${CMAKE_COMMAND} -DOUT=${lks_workload_texts} -P ${CMAKE_CURRENT_LIST_FILE}
            ${lks_workloads}
    DEPENDS ${lks_workloads} ${CMAKE_CURRENT_LIST_FILE} VERBATIM)
  target_sources(lks_measure PRIVATE ${lks_workload_texts})
  return()
endif()

set(source "/* Written by src/measure/workloads.cmake. */\n#include \"measure/workload.h\"\n\n")
string(APPEND source "const lks_workload_text lks_workload_texts[] = {\n")
math(EXPR last "${CMAKE_ARGC} - 1")
foreach(i RANGE 4 ${last})
  file(READ ${CMAKE_ARGV${i}} text)
  get_filename_component(name ${CMAKE_ARGV${i}} NAME_WE)
  string(REPLACE "\\" "\\\\" text "${text}")
  string(REPLACE "\"" "\\\"" text "${text}")
  string(REPLACE "\n" "\\n\"\n     \"" text "${text}")
  string(APPEND source "    {\"${name}\", \"${text}\"},\n")
endforeach()
string(APPEND source "    {0, 0},\n};\n")
file(WRITE ${OUT} "${source}")
