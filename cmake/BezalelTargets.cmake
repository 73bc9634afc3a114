# Flags every target has, and the two functions the folders below src/ use.

find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

add_library(bz_flags INTERFACE)
target_compile_options(bz_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wswitch-enum -Werror
  -fstack-protector-strong)
target_compile_definitions(bz_flags INTERFACE
  _GNU_SOURCE BEZALEL_VERSION="${PROJECT_VERSION}")
# For quoted includes only: with -I, <sys/file.h> of the system would be ours.
target_compile_options(bz_flags INTERFACE
  "SHELL:-iquote ${CMAKE_SOURCE_DIR}/src")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 sees overlaps where there are none ("x" + std::string, PR 105651).
  target_compile_options(bz_flags INTERFACE -Wno-restrict)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # std::stable_sort of g++ 12's library uses what C++17 deprecated.
  target_compile_options(bz_flags INTERFACE
    -Wno-missing-field-initializers -Wno-deprecated-declarations)
endif()
if(BEZALEL_SANITIZE)
  target_compile_options(bz_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all
    -fno-omit-frame-pointer)
  target_link_options(bz_flags INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(bz_flags INTERFACE _GLIBCXX_ASSERTIONS)
endif()
if(BEZALEL_TSAN)
  target_compile_options(bz_flags INTERFACE -fsanitize=thread)
  target_link_options(bz_flags INTERFACE -fsanitize=thread)
endif()
if(BEZALEL_FUZZ)
  # What the fuzzer steers by: which branches of our code an input reached.
  target_compile_options(bz_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(BEZALEL_TEST_CLOCK)
  target_compile_definitions(bz_flags INTERFACE BEZALEL_TEST_CLOCK=1)
endif()
find_program(BZ_MOLD mold)
if(BZ_MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_link_options(bz_flags INTERFACE -fuse-ld=mold)
endif()
find_program(BZ_CCACHE ccache)
if(BZ_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${BZ_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${BZ_CCACHE})
endif()

# bz_library(NAME USES target... SYSTEM library...)
# A static library of the .cc files in this folder, and, from its *_test.cc
# files, the program NAME_tests, which CTest runs under the same name.
function(bz_library name)
  cmake_parse_arguments(arg "" "" "USES;SYSTEM;TEST_USES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main[a-z_]*\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  add_library(${name} STATIC ${sources})
  set_target_properties(${name} PROPERTIES LINKER_LANGUAGE CXX)
  target_link_libraries(${name} PUBLIC bz_flags ${arg_USES} ${arg_SYSTEM})
  if(BEZALEL_TESTS AND tests)
    add_executable(${name}_tests ${tests}
      ${CMAKE_SOURCE_DIR}/tests/doctest_main.cc)
    target_link_libraries(${name}_tests PRIVATE ${name} ${arg_TEST_USES})
    target_compile_definitions(${name}_tests PRIVATE
      BEZALEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME ${name} COMMAND ${name}_tests --no-intro=true)
  endif()
endfunction()
