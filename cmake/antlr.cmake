# The generated parser is a target of its own: C++17 (its u8"" literals don't compile as C++20), warnings off.
find_program(ANTLR4 antlr4 REQUIRED)
set(grammar_dir ${CMAKE_BINARY_DIR}/generated/grammar)
set(grammar_file ${CMAKE_SOURCE_DIR}/grammar/Lockstep.g4)
set(grammar_sources ${grammar_dir}/LockstepLexer.cpp ${grammar_dir}/LockstepParser.cpp)
add_custom_command(
  OUTPUT ${grammar_sources} ${grammar_dir}/LockstepLexer.h ${grammar_dir}/LockstepParser.h
  COMMAND ${CMAKE_COMMAND} -E make_directory ${grammar_dir}
  COMMAND ${ANTLR4} -Dlanguage=Cpp -no-listener -no-visitor -Xexact-output-dir -o ${grammar_dir} ${grammar_file}
  DEPENDS ${grammar_file}
  VERBATIM)
add_library(lockstep_grammar STATIC ${grammar_sources})
target_include_directories(lockstep_grammar SYSTEM PUBLIC ${grammar_dir} /usr/include/antlr4-runtime)
target_compile_features(lockstep_grammar PUBLIC cxx_std_17)
set_target_properties(lockstep_grammar PROPERTIES CXX_STANDARD 17)
target_compile_options(lockstep_grammar PRIVATE -w)
target_link_libraries(lockstep_grammar PUBLIC antlr4-runtime)
