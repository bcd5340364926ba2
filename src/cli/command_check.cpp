// Checks the schema files (PostgreSQL elaborates them on a scratch database) and whether the database is fit to be changed.
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/difference_view.h"
#include "cli/report.h"
#include "cli/target.h"
#include "cli/text.h"
#include "elaborator/desired.h"
#include "executor/sound_journal.h"
#include "fleet/checkup.h"
#include "postgres/introspect.h"
#include "support/error.h"
#include "support/lines.h"

namespace lockstep::cli {
namespace {

struct Options {
  TargetOptions target;
  SchemaOptions schema;
  std::string format;
};

void flags(Flags app, Options& options) {
  target_flags(app, options.target);
  schema_flags(app, options.schema);
  format_flag(app, options.format);
}

std::string_view word(fleet::Verdict verdict) {
  return verdict == fleet::Verdict::good ? "ok" : verdict == fleet::Verdict::bad ? "bad" : "warn";
}

void show_finding(const fleet::Finding& finding, const Console& console) {
  const Style style = finding.verdict == fleet::Verdict::good  ? Style::green
                      : finding.verdict == fleet::Verdict::bad ? Style::red
                                                               : Style::yellow;
  console.out(
      fmt::format("{}  {}\n", paint(console.colour_out, style, pad(word(finding.verdict), 4)), support::continued(finding.text)));
}

// The result for the database: findings, and its catalog if it could be read.
struct Preflight {
  std::unique_ptr<postgres::Session> session;  // exists as long as `live`, which may query it again
  std::vector<fleet::Finding> findings;
  std::optional<postgres::Snapshot> live;
  support::ExitCode unfit = support::ExitCode::failed;  // if a finding is bad
};

Preflight preflight(const Work& todo) {
  Preflight result;
  try {
    result.session = executor::connect(todo.url, todo.settings.application);
    postgres::Session* const session = result.session.get();
    result.findings = fleet::checkup(*session, todo.known, todo.settings.max_replica_lag);
    result.findings.push_back(fleet::backup_target(todo.settings.backup_folder, fleet::database_bytes(*session)));
    result.live = postgres::introspect(*session, {.facts = false});
  } catch (const support::DatabaseError& error) {
    const bool connected = !result.findings.empty();
    result.findings.push_back({connected ? "catalog" : "reachable", fleet::Verdict::bad,
                               (connected ? "the catalog can't be read: " : "can't be reached: ") + error.facts().message});
  } catch (const support::RefusedError& error) {
    result.findings.push_back({"pooler", fleet::Verdict::bad, error.what()});
    result.unfit = error.code();
  }
  return result;
}

nlohmann::ordered_json diagnostics_json(const support::Diagnostics& diagnostics) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const support::Diagnostic& one : diagnostics.sorted())
    list.push_back({{"severity", one.severity == support::Severity::error ? "error" : "warning"},
                    {"code", one.code},
                    {"message", one.message},
                    {"place", one.span.place()},
                    {"hint", one.hint}});
  return list;
}

class Check {
 public:
  Check(const Options& options, const Console& console) : json_(options.format == "json"), console_(console) {}

  support::ExitCode run(const Work& todo) {
    const parser::Declared declared = elaborator::declare(*todo.sources, diagnostics_);
    if (diagnostics_.has_errors()) return end(todo, 0);
    if (!todo.url.empty()) before_ = preflight(todo);
    if (!json_) {
      for (const fleet::Finding& finding : before_.findings) show_finding(finding, console_);
      if (before_.live)
        for (const postgres::Unmanaged& one : before_.live->unmanaged) show_unmanaged({one.description}, console_);
    }
    const elaborator::Desired desired =
        elaborator::elaborate(declared, before_.live ? &*before_.live : nullptr, todo.options, diagnostics_);
    return end(todo, desired.catalog.objects().size());
  }

 private:
  support::ExitCode end(const Work& todo, std::size_t objects) {
    const bool fit = std::none_of(before_.findings.begin(), before_.findings.end(),
                                  [](const fleet::Finding& one) { return one.verdict == fleet::Verdict::bad; });
    if (json_) {
      nlohmann::ordered_json findings = nlohmann::ordered_json::array();
      for (const fleet::Finding& one : before_.findings)
        findings.push_back({{"check", one.check}, {"verdict", word(one.verdict)}, {"text", one.text}});
      console_.out(json_text({{"format", "lockstep-check/1"},
                              {"files", todo.sources->paths},
                              {"objects", objects},
                              {"diagnostics", diagnostics_json(diagnostics_)},
                              {"findings", std::move(findings)}}));
      fleet::refuse_errors(diagnostics_);
    } else {
      settle(diagnostics_, console_);
      show_finding({"files", fleet::Verdict::good,
                    fmt::format("{}: {}{}", plural(todo.sources->paths.size(), "schema file"), plural(objects, "object"),
                                before_.live ? ""
                                             : "; dates, times and numbers in them are read as in UTC, DateStyle ISO, MDY: no "
                                               "database was named whose settings decide")},
                   console_);
    }
    if (!fit) throw support::CommandError(before_.unfit, "the database is not fit for an apply (see above)");
    return support::ExitCode::done;
  }

  bool json_;
  const Console& console_;
  support::Diagnostics diagnostics_;
  Preflight before_;
};

support::ExitCode run(const Options& options, const ConfigOptions& config, const Console& console) {
  const Work todo =
      work({.config = config, .target = &options.target, .schema = &options.schema, .target_required = false}, console);
  return Check(options, console).run(todo);
}

}  // namespace

constinit const Command kCheck = command<Options, flags, run>("check", "check schema files, and the database they are meant for");

}  // namespace lockstep::cli
