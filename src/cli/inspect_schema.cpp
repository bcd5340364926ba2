#include "cli/inspect_document.h"
#include "parser/declared.h"

namespace lockstep::cli {
namespace {

std::string text_of(const InspectDocument& document, const Look&) {
  return parser::to_schema_text(document.snapshot.catalog, document.owners ? parser::Owners::stated : parser::Owners::left_out);
}

}  // namespace

constinit const Renderer<InspectDocument> kInspectSchema{.format = "schema", .text = text_of, .exact = true};

}  // namespace lockstep::cli
