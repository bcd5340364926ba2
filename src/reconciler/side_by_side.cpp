// Compares two databases, two sets of files, or one of each, symmetrically.
#include <algorithm>

#include "elaborator/desired.h"
#include "elaborator/options.h"
#include "elaborator/scratch_copy.h"
#include "elaborator/scratch_database.h"
#include "kinds/registry.h"
#include "reconciler/closure.h"
#include "reconciler/comparer.h"
#include "reconciler/state.h"

namespace lockstep::reconciler {
namespace {

using catalog::Change;
using catalog::Object;

// A text counts as equal if any two of its forms, plain or elaborated, are equal.
class SideBySide {
 public:
  SideBySide(const Side& a, const Side& b) : a_(a), b_(b) {}

  std::vector<Change> changes() const {
    auto found = catalog::diff(a_.catalog, b_.catalog, [this](const Object& from, const Object& to, std::string_view name) {
      return same(from, to, name);
    });
    std::erase_if(found, [this](const Change& change) { return !compared(change); });
    return found;
  }

  void elaborate(const std::vector<Change>& found, const postgres::Snapshot& like, const elaborator::Options& options) {
    const auto read = ids_of(found);
    a_again_ = elaborator::make_copy(self_contained(a_.catalog, read), b_.catalog, like, options);
    b_again_ = elaborator::make_copy(self_contained(b_.catalog, read), a_.catalog, like, options);
  }

 private:
  bool same(const Object& from, const Object& to, std::string_view name) const {
    const auto* attribute = kinds::attribute(kinds::of(from.id), name);
    if (attribute == nullptr || attribute->derived) return true;
    const catalog::Value& x = from.value(name);
    const catalog::Value& y = to.value(name);
    if (attribute->facet && (catalog::is_absent(x) || catalog::is_absent(y))) return true;
    if (x == y) return true;
    if (!attribute->expression) return false;
    const Object* again = a_again_.catalog.find(from.id);
    const Object* other = b_again_.catalog.find(to.id);
    if (again != nullptr && again->value(name) == y) return true;
    if (other != nullptr && other->value(name) == x) return true;
    return again != nullptr && other != nullptr && again->value(name) == other->value(name);
  }

  // An object that only one side has counts if the other side manages it.
  bool compared(const Change& change) const {
    if (change.what == Change::What::set) return true;
    const bool only_b = change.what == Change::What::added;
    return managed(only_b ? a_ : b_, only_b ? b_ : a_, change);
  }

  static bool managed(const Side& by, const Side& holder, const Change& change) {
    if (!by.scope) return true;
    const Comparer comparer(*by.scope, by.catalog);
    return comparer.managed(holder.catalog, {Change::What::removed, change.id, {}});
  }

  const Side& a_;
  const Side& b_;
  elaborator::Copy a_again_, b_again_;
};

}  // namespace

std::vector<Change> side_by_side(const Side& a, const Side& b, const elaborator::Options& options) {
  SideBySide pair(a, b);
  std::vector<Change> found = pair.changes();
  if (Comparer::with_expressions(found).empty()) return found;
  std::optional<postgres::Snapshot> nowhere;
  const postgres::Snapshot* like = a.live != nullptr ? a.live : b.live;
  if (like == nullptr) {  // both are files: any server will do, if it is the same
    const auto scratch = postgres::Scratch::create(elaborator::scratch_options(nullptr, a.catalog, options));
    like = &nowhere.emplace(elaborator::read_scratch(*scratch));
  }
  pair.elaborate(found, *like, options);
  return pair.changes();
}

}  // namespace lockstep::reconciler
