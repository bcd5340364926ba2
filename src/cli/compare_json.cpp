#include <nlohmann/json.hpp>

#include "cli/compare_document.h"
#include "cli/differences.h"
#include "cli/json_text.h"

namespace lockstep::cli {
namespace compare_json {
namespace {

std::string text_of(const CompareDocument& document, const Look&) {
  return json_text({{"format", "lockstep-compare/1"},
                    {"a", document.a},
                    {"b", document.b},
                    {"equal", document.changes.empty()},
                    {"differences", differences_json(document.changes, {"only_b", "only_a", "differs"})}});
}

}  // namespace
}  // namespace compare_json

constinit const Renderer<CompareDocument> kCompareJson{.format = "json", .text = compare_json::text_of};

}  // namespace lockstep::cli
