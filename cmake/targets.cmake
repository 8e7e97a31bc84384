# The two ways in which a folder states what it has.
include(GoogleTest)

# heat_library(<name> SOURCES <file>... [DEPS <target>...]): the static library of one folder.
function(heat_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# heat_test(<name> SOURCES <file>... [DEPS <target>...] [OPTIMIZED]): a test binary, each of whose tests is a test of
# ctest; under a sanitizer, where each start costs a third of a second, the binary is one. Binaries are few: a link
# costs more than a test. The test's own sources, not what they test, are compiled without optimisation, which takes half
# the time; OPTIMIZED is for those that compute much themselves. A test file has a namespace of its own name instead of an
# anonymous one, so that a unity build can join files whose tables and helpers have equal names.
function(heat_test name)
  cmake_parse_arguments(ARG "OPTIMIZED" "" "SOURCES;DEPS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  if(NOT ARG_OPTIMIZED)
    target_compile_options(${name} PRIVATE -O0 -U_FORTIFY_SOURCE)
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest_main GTest::gmock)
  if(HEAT_SANITIZE)
    if(HEAT_SANITIZE MATCHES "undefined")
      # Of the test's own arithmetic; takes a third off the time to compile it.
      target_compile_options(${name} PRIVATE -fno-sanitize=undefined)
    endif()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 1500)
  else()
    gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 NO_PRETTY_VALUES PROPERTIES TIMEOUT 120)
  endif()
endfunction()
