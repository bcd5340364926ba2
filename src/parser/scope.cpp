// Decides which objects of a live database are managed.
#include <algorithm>

#include "kinds/registry.h"
#include "parser/declared.h"
#include "parser/literals.h"

namespace lockstep::parser {
namespace {

// * matches any characters, ? matches one. Iterative, so that the input can't exhaust the stack.
bool matches(std::string_view glob, std::string_view text) {
  std::size_t at = 0, in = 0, star = std::string_view::npos, retry = 0;
  while (in < text.size()) {
    if (at < glob.size() && (glob[at] == '?' || glob[at] == text[in]) && glob[at] != '*') {
      ++at, ++in;
    } else if (at < glob.size() && glob[at] == '*') {
      star = at++;
      retry = in;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in = ++retry;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', at) == std::string_view::npos;
}

}  // namespace

bool Scope::covers(const catalog::ObjectId& root, const catalog::Catalog& desired) const {
  if (external.count(root) != 0) return false;
  std::string name;
  for (const auto& part : root.path) name += (name.empty() ? "" : ".") + part;
  const bool out = std::any_of(ignored.begin(), ignored.end(), [&](const std::string& glob) { return matches(glob, name); });
  if (out) return false;
  if (everything || dropped.count(root) != 0) return true;
  const std::string schema = kinds::schema_of(root);
  if (schema.empty() || root.path.size() == 1) return desired.contains(root);
  return schemas.count(schema) != 0 || (partial_schemas.count(schema) != 0 && desired.contains(root));
}

}  // namespace lockstep::parser
