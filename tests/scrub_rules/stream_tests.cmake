# What is done to a stream.
add_executable(scrub_rules_stream_tests row_model.cc stream_tester.cc golden_stream_test.cc table_plan_test.cc event_scrubber_test.cc
  statement_stream_test.cc key_origins_test.cc row_rewriter_test.cc schema_history_test.cc
  schema_history_damage_test.cc history_definition_test.cc group_events_test.cc lineage_test.cc data_statement_stream_test.cc
  future_events_test.cc sideways_check_test.cc history_stream_test.cc leaving_tally_test.cc passed_schema_test.cc
  rules_change_test.cc pseudonym_alter_test.cc ../support/faulty_file.cc)
target_compile_definitions(scrub_rules_stream_tests PRIVATE RELAY_GOLDEN_DIRECTORY="${PROJECT_SOURCE_DIR}/tests/golden")
target_link_libraries(scrub_rules_stream_tests PRIVATE scrub_rules catch_main)
add_test(NAME scrub_rules_stream COMMAND scrub_rules_stream_tests)
