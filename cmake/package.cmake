# What `cmake --install` and `cpack -G DEB` put where. The manual page and the completions are printed by the program itself.
include(GNUInstallDirs)

set(made_by_lockstep ${CMAKE_BINARY_DIR}/lockstep.1 ${CMAKE_BINARY_DIR}/completion/lockstep ${CMAKE_BINARY_DIR}/completion/_lockstep
                     ${CMAKE_BINARY_DIR}/completion/lockstep.fish)
add_custom_command(
  OUTPUT ${made_by_lockstep}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/completion
  COMMAND lockstep manual > ${CMAKE_BINARY_DIR}/lockstep.1
  COMMAND lockstep completion bash > ${CMAKE_BINARY_DIR}/completion/lockstep
  COMMAND lockstep completion zsh > ${CMAKE_BINARY_DIR}/completion/_lockstep
  COMMAND lockstep completion fish > ${CMAKE_BINARY_DIR}/completion/lockstep.fish
  DEPENDS lockstep
  VERBATIM)
add_custom_target(lockstep_documents ALL DEPENDS ${made_by_lockstep})

install(TARGETS lockstep RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY schemas/ DESTINATION ${CMAKE_INSTALL_DATADIR}/lockstep/schemas)
install(FILES ${CMAKE_BINARY_DIR}/lockstep.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${CMAKE_BINARY_DIR}/completion/lockstep DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${CMAKE_BINARY_DIR}/completion/_lockstep DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${CMAKE_BINARY_DIR}/completion/lockstep.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES README.md CHANGELOG.md NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR} RENAME copyright)
install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs PATTERN progress.md EXCLUDE)

set(CPACK_PACKAGE_NAME lockstep)
set(CPACK_PACKAGE_VENDOR "The Lockstep developers")
set(CPACK_PACKAGE_CONTACT "The Lockstep developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "declarative desired-state reconciler for PostgreSQL")
set(CPACK_PACKAGE_DESCRIPTION
    "A schema file says what a database shall be. Lockstep compares it with the live\n database, plans the steps between them with their locks, saves what a step\n loses, runs and journals each step, and verifies the result.")
set(CPACK_GENERATOR DEB)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON) # the libraries' packages, by dpkg-shlibdeps
# `shadow: embedded` starts a server of its own; with `shadow: same-server` none is needed.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql | postgresql-17 | postgresql-16 | postgresql-15 | postgresql-14")
include(CPack)
