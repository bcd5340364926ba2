#include <catch2/catch.hpp>

#include "fleet/configuration.h"

using namespace lockstep;

namespace {

struct Read {
  support::Diagnostics diagnostics;  // before the configuration, whose reading fills it
  fleet::Configuration configuration;

  explicit Read(const std::string& text)
      : configuration(fleet::read_configuration(std::make_shared<support::SourceText>("lockstep.yaml", text), diagnostics)) {}

  // "LS0903 4:3", in file order
  std::string errors() const {
    std::string text;
    for (const support::Diagnostic& one : diagnostics.sorted()) {
      const std::string place = one.span.place();
      text += (text.empty() ? "" : ", ") + one.code + " " + place.substr(place.find(':') + 1);
    }
    return text;
  }
};

}  // namespace

TEST_CASE("a configuration is read whole", "[fleet]") {
  const Read read(R"(
schema: [schemas/, more/*.schema]
variables: { tenant: main }
shadow: embedded
postgres: { bindirs: [/opt/pg/bin] }
environments:
  dev: { url: "${DEV_URL}" }
  prod:
    url: "postgresql://app:${SECRET}@db/shop"
    gates: on
    lock: { timeout: 1500ms, retries: 7 }
    backfill: { batch_time: 1s }
    backup: { store: saved, keep: 30d }
    hooks: { before: ./check.sh, after_expand: [], at_gate: ./deploy.sh, after_contract: [./c.sh], after: [./a.sh, "./b.sh x"] }
    protect: { tables: [billing.*], drop: deny }
)");
  CHECK(read.errors().empty());
  REQUIRE(read.configuration.schema.size() == 2);
  CHECK(read.configuration.schema[1].text == "more/*.schema");
  CHECK(read.configuration.variables.at("tenant") == "main");
  CHECK(read.configuration.binaries == std::vector<std::string>{"/opt/pg/bin"});
  const fleet::Environment* prod = read.configuration.find("prod");
  REQUIRE(prod != nullptr);
  CHECK(prod->settings.lock_timeout == std::chrono::milliseconds(1500));
  CHECK(prod->settings.lock_retries == 7);
  CHECK(prod->settings.batch_time == std::chrono::seconds(1));
  CHECK(prod->settings.backup_folder == "saved");
  CHECK(prod->keep_backups == std::chrono::hours(720));
  CHECK(prod->hooks.before == std::vector<std::string>{"./check.sh"});
  CHECK(prod->gates);
  CHECK_FALSE(read.configuration.find("dev")->gates);
  CHECK(prod->hooks.at_gate == std::vector<std::string>{"./deploy.sh"});
  CHECK(prod->hooks.after_contract == std::vector<std::string>{"./c.sh"});
  CHECK(prod->hooks.after == std::vector<std::string>{"./a.sh", "./b.sh x"});
  CHECK(prod->protection.tables == std::vector<std::string>{"billing.*"});
  CHECK(prod->protection.deny_drops);
  CHECK(read.configuration.lock_path() == "lockstep.lock");
  CHECK(read.configuration.find("nowhere") == nullptr);
}

TEST_CASE("every error of a configuration is told at its place", "[fleet]") {
  struct Row {
    const char* text;
    const char* errors;
  };
  const Row rows[] = {
      {"", ""},
      {"schema: a.schema\n", ""},
      {"schemas: a.schema\n", "LS0903 1:1"},
      {"schema: a\nschema: b\n", "LS0902 2:1"},
      {"schema: {a: b}\n", "LS0905 1:9"},
      {"environments:\n  dev: {}\n", "LS0905 2:3"},
      {"environments:\n  dev: { url: a }\n  dev: { url: b }\n", "LS0902 3:3"},
      {"environments:\n  dev: { url: [a] }\n", "LS0905 2:15"},
      {"environments:\n  dev: { url: a, after: x, waves: [1] }\n", "LS0905 2:25, LS0904 2:28"},
      {"environments:\n  dev: { url: a, gates: on }\n", ""},
      {"environments:\n  dev: { url: a, gates: \"on\" }\n", ""},
      {"environments:\n  dev: { url: a, gates: true }\n", "LS0905 2:25"},
      {"environments:\n  dev: { url: a, gates: [on] }\n", "LS0905 2:25"},
      {"environments:\n  dev: { url: a, gates: }\n", "LS0905 2:25"},
      {"environments:\n  dev: { url: a, gates: on, gates: off }\n", "LS0902 2:29"},
      {"environments:\n  dev: { url: a, gates: maybe }\n", "LS0905 2:25"},
      {"environments:\n  dev: { url: a, lock: { timeout: 2 } }\n", "LS0905 2:35"},
      {"environments:\n  dev: { url: a, lock: { retries: -1 } }\n", "LS0905 2:35"},
      {"environments:\n  dev: { url: a, backup: { keep: 30d } }\n", ""},
      {"environments:\n  dev: { url: a, backup: { keep: 30 } }\n", "LS0905 2:34"},
      {"environments:\n  dev: { url: a, backup: { also: [x] } }\n", ""},
      {"environments:\n  dev: { url: a, backfill: { workers: 0 } }\n", "LS0905 2:39"},
      {"environments:\n  dev: { url: a, backfill: { max_slot_lag: 4GB } }\n", ""},
      {"environments:\n  dev: { url: a, backfill: { max_slot_lag: 0 } }\n", ""},
      {"environments:\n  dev: { url: a, backfill: { max_slot_lag: 9000000000000TB } }\n", "LS0905 2:44"},
      {"environments:\n  dev: { url: a, backfill: { max_slot_lag: 4 } }\n", "LS0905 2:44"},
      {"environments:\n  dev: { url: a, backfill: { max_wal: 64MB, max_dead: 20% } }\n", ""},
      {"environments:\n  dev: { url: a, backfill: { max_dead: 0 } }\n", ""},
      {"environments:\n  dev: { url: a, backfill: { max_dead: 20 } }\n", "LS0905 2:40"},
      {"environments:\n  dev: { url: a, backfill: { max_dead: -1% } }\n", "LS0905 2:40"},
      {"environments:\n  dev: { url: a, hooks: { after: [./x], before_all: y } }\n", "LS0903 2:41"},
      {"environments:\n  dev: { url: a, protect: { drop: allow } }\n", "LS0905 2:35"},
      {"environments:\n  dev: { url: a, require: {}, databases: [] }\n", "LS0904 2:31"},
      {"shadow: elsewhere\n", "LS0905 1:9"},
      {"- a\n", "LS0905 1:1"},
      {"schema: [a\n", "LS0901 2:1"},
      {"schema: a\n---\nschema: b\n", "LS0901 3:1"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    CHECK(Read(row.text).errors() == row.errors);
  }
}

TEST_CASE("variables of a URL come from the process environment, and a value is never told", "[fleet]") {
  const fleet::Lookup lookup = [](const std::string& name) -> std::optional<std::string> {
    if (name == "USER_NAME") return "app";
    return std::nullopt;
  };
  support::Diagnostics diagnostics;
  CHECK(fleet::expand({"pg://${USER_NAME}:pa$$word$@h/${USER_NAME}", {}}, lookup, diagnostics) == "pg://app:pa$$word$@h/app");
  CHECK_FALSE(diagnostics.has_errors());
  fleet::expand({"x${MISSING}", {}}, lookup, diagnostics);
  fleet::expand({"secret${open", {}}, lookup, diagnostics);
  REQUIRE(diagnostics.sorted().size() == 2);
  for (const support::Diagnostic& one : diagnostics.sorted()) CHECK(one.message.find("secret") == std::string::npos);
}
