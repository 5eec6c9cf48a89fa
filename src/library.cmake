# SPDX-License-Identifier: Apache-2.0
# The installed library: the layers that own public headers, and what they need of
# the others, in one shared object that shows only what include/lockstep declares.
add_library(lockstep_library SHARED)
get_property(layers GLOBAL PROPERTY lks_layers)
foreach(layer IN LISTS layers)
  get_property(headers GLOBAL PROPERTY lks_headers_${layer})
  if(headers)
    target_sources(lockstep_library PRIVATE $<TARGET_OBJECTS:lks_${layer}>)
    target_link_libraries(lockstep_library PRIVATE lks_${layer})
  endif()
endforeach()
add_library(lockstep::lockstep ALIAS lockstep_library)
lks_dress(lockstep_library)
set_target_properties(lockstep_library PROPERTIES
  OUTPUT_NAME lockstep EXPORT_NAME lockstep LINKER_LANGUAGE C
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
target_include_directories(lockstep_library INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/lockstep)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lockstepConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(TARGETS lockstep_library EXPORT lockstep LIBRARY)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lockstep TYPE INCLUDE)
# The library's own dependencies are private, so the exported targets are the package.
install(EXPORT lockstep NAMESPACE lockstep:: FILE lockstepConfig.cmake
        DESTINATION ${package_folder})
install(FILES ${PROJECT_BINARY_DIR}/lockstepConfigVersion.cmake DESTINATION ${package_folder})
