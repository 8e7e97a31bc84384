# The two ways in which a folder states what it has.
include(GoogleTest)

# heat_library(<name> SOURCES <file>... [DEPS <target>...]): the static library of one folder.
function(heat_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC ${ARG_DEPS})
endfunction()

# heat_test(<name> SOURCES <file>... [DEPS <target>...] [TIMEOUT <seconds>] [LABELS <label>...]): a test
# binary, each of whose tests is a test of ctest. Binaries are few: a link costs more than a test.
function(heat_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;DEPS;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_DEPS} GTest::gtest_main GTest::gmock)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60
                       PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
endfunction()
