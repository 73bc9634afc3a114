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
if(BZ_MOLD)
  target_link_options(bz_flags INTERFACE
    $<$<NOT:$<BOOL:$<TARGET_PROPERTY:BZ_OWN_LINKER>>>:-fuse-ld=mold>)
endif()
find_program(BZ_CCACHE ccache)
if(BZ_CCACHE)
  # Without these words it keeps nothing that uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
      CCACHE_SLOPPINESS=pch_defines,time_macros ${BZ_CCACHE})
  set(CMAKE_C_COMPILER_LAUNCHER ${BZ_CCACHE})
endif()

# What nearly every source includes is read once. Only where every test is
# built: the release reads each header where it is included, so that an include
# that is missing does not go unseen.
function(bz_precompiled target header)
  file(WRITE ${CMAKE_BINARY_DIR}/precompiled.cc "")
  add_library(${target} STATIC ${CMAKE_BINARY_DIR}/precompiled.cc)
  target_link_libraries(${target} PUBLIC bz_flags)
  target_compile_options(${target} PRIVATE ${ARGN})
  target_precompile_headers(${target} PRIVATE ${CMAKE_SOURCE_DIR}/cmake/${header})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Its time stamp would make each build's header another one to ccache.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()
# What tests say themselves is not worth the compiler's time: half of it, when
# they are built with sanitizers.
set(bz_test_options)
if(BEZALEL_SANITIZE)
  set(bz_test_options -O0)
endif()
if(BEZALEL_PRECOMPILE)
  bz_precompiled(bz_precompiled precompiled.h)
  bz_precompiled(bz_precompiled_tests precompiled_tests.h ${bz_test_options})
endif()
function(bz_precompile target from)
  if(BEZALEL_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${from})
  endif()
endfunction()

if(BEZALEL_TESTS)
  add_library(bz_doctest_main STATIC ${CMAKE_SOURCE_DIR}/tests/doctest_main.cc)
  target_link_libraries(bz_doctest_main PUBLIC bz_flags)
endif()

# bz_test_program(NAME source...): the program NAME_tests, which CTest runs
# under the name NAME.
function(bz_test_program name)
  add_executable(${name}_tests ${ARGN})
  target_link_libraries(${name}_tests PRIVATE bz_doctest_main)
  target_compile_definitions(${name}_tests PRIVATE
    BEZALEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  target_compile_options(${name}_tests PRIVATE ${bz_test_options})
  bz_precompile(${name}_tests bz_precompiled_tests)
  add_test(NAME ${name} COMMAND ${name}_tests --no-intro=true)
endfunction()

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
  bz_precompile(${name} bz_precompiled)
  target_link_libraries(${name} PUBLIC bz_flags ${arg_USES} ${arg_SYSTEM})
  if(BEZALEL_TESTS AND tests)
    bz_test_program(${name} ${tests})
    target_link_libraries(${name}_tests PRIVATE ${name} ${arg_TEST_USES})
  endif()
endfunction()
