#include "cli/inspect_document.h"
#include "parser/declared.h"

namespace lockstep::cli {
namespace inspect_schema {
namespace {

std::string text_of(const InspectDocument& document, const Look&) {
  return parser::to_schema_text(document.snapshot.catalog, document.owners ? parser::Owners::stated : parser::Owners::left_out);
}

}  // namespace
}  // namespace inspect_schema

constinit const Renderer<InspectDocument> kInspectSchema{.format = "schema", .text = inspect_schema::text_of, .exact = true};

}  // namespace lockstep::cli
