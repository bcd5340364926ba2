#include <nlohmann/json.hpp>

#include "cli/check_document.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace check_json {
namespace {

using nlohmann::ordered_json;

ordered_json diagnostics_json(const support::Diagnostics& diagnostics) {
  ordered_json list = ordered_json::array();
  for (const support::Diagnostic& one : diagnostics.sorted())
    list.push_back({{"severity", one.severity == support::Severity::error ? "error" : "warning"},
                    {"code", one.code},
                    {"message", one.message},
                    {"place", one.span.place()},
                    {"hint", one.hint}});
  return list;
}

std::string text_of(const CheckDocument& document, const Look&) {
  ordered_json findings = ordered_json::array();
  for (const fleet::Finding& one : document.findings)
    findings.push_back({{"check", one.check}, {"verdict", verdict_word(one.verdict)}, {"text", one.text}});
  return json_text({{"format", "lockstep-check/1"},
                    {"files", document.files},
                    {"objects", document.objects},
                    {"diagnostics", diagnostics_json(document.diagnostics)},
                    {"findings", std::move(findings)}});
}

}  // namespace
}  // namespace check_json

constinit const Renderer<CheckDocument> kCheckJson{.format = "json", .text = check_json::text_of, .complete = true};

}  // namespace lockstep::cli
