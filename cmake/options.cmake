# Compiler settings that every target shares.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

set(HEAT_SANITIZE "" CACHE STRING "Sanitizers to build with, as for -fsanitize=: address,undefined or thread")

# Results are equal on every machine: no fused multiply-add, no -march=native, no -ffast-math.
add_compile_options(-ffp-contract=off)
add_compile_options(-Wall -Wextra -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
                    -Wcast-qual -Wunused -Werror)
# g++ 12 reports std::optional members that are never read unset (GCC bug 80635); the sanitizers find real ones.
add_compile_options(-Wno-maybe-uninitialized)
if(CMAKE_UNITY_BUILD)
  # A joined source is no header, though g++ takes its anonymous namespace for one in a header.
  add_compile_options(-Wno-subobject-linkage)
endif()
include_directories(${CMAKE_SOURCE_DIR})

if(HEAT_SANITIZE)
  add_compile_options(-fsanitize=${HEAT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  if(HEAT_SANITIZE MATCHES "undefined")
    # A third of the time to compile, on every access through a pointer. AddressSanitizer stops at a null pointer as well.
    add_compile_options(-fno-sanitize=null,alignment,vptr,object-size)
  endif()
  add_link_options(-fsanitize=${HEAT_SANITIZE})
  if(HEAT_SANITIZE STREQUAL "thread")
    # ThreadSanitizer does not see the fences of Asio, which stand beside locks that it does see.
    add_compile_options(-Wno-tsan)
  endif()
else()
  # Sources see -D_FORTIFY_SOURCE only when optimised, and never beside a sanitizer, which checks the same.
  add_compile_options(-fstack-protector-strong -fPIE)
  add_compile_options($<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE>
                      $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  add_link_options(-pie -Wl,-z,relro,-z,now)
endif()

find_program(HEAT_MOLD mold)
if(HEAT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
find_program(HEAT_CCACHE ccache)
if(HEAT_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HEAT_CCACHE})
endif()
