#include "fleet/printed_items.h"

#include <memory>
#include <string>
#include <utility>

#include "elaborator/respelt.h"
#include "parser/declared.h"
#include "parser/reader.h"
#include "support/error.h"

namespace lockstep::fleet {
namespace {

[[noreturn]] void refuse(const std::string& why) {
  throw support::RefusedError("the language can't say what the database has; nothing was written\n" + why +
                              "\nLeave that object out with --exclude");
}

}  // namespace

std::vector<parser::ast::File> printed_items(const catalog::Catalog& catalog) {
  support::Diagnostics diagnostics;
  std::string text;
  try {
    text = parser::to_schema_text(catalog, parser::Owners::each);
  } catch (const support::InternalError& error) {
    refuse(error.what());
  }
  const auto source = std::make_shared<support::SourceText>("(live)", std::move(text));
  std::vector<parser::ast::File> files;
  files.push_back(parser::read(source, diagnostics));
  return files;
}

void state_all(ItemSubjects& items, const std::vector<parser::ast::File>& printed, const catalog::Catalog& catalog) {
  support::Diagnostics diagnostics;
  const parser::Declared declared = parser::lower(printed, {}, {}, diagnostics);
  if (diagnostics.has_errors()) refuse(diagnostics.sorted().front().message);
  const auto respelt = elaborator::respelt_ids(declared.catalog, catalog);
  for (const auto& [id, place] : declared.places) {
    const catalog::ObjectId known = elaborator::respell(id, respelt);
    items.state(known, place.head.place());
    for (const support::Span& more : place.more) items.state(known, more.place());
  }
}

}  // namespace lockstep::fleet
