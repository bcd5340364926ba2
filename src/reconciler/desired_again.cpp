#include "reconciler/desired_again.h"

#include <algorithm>

#include "elaborator/external_objects.h"
#include "elaborator/scratch_copy.h"
#include "kinds/registry.h"
#include "reconciler/closure.h"

namespace lockstep::reconciler {

using catalog::Catalog;
using catalog::ObjectId;

Catalog DesiredAgain::make(const Catalog& part) const {
  return elaborator::make_copy(part, desired_.catalog, live_, options_).catalog;
}

void DesiredAgain::begin(std::set<ObjectId> objects) {
  if (objects.empty()) return;
  begun_ = std::move(objects);
  // Both threads may need stubs for an extension. Its contents are read from the target, whose session is for one thread.
  const auto& all = live_.catalog.objects();
  const bool extended =
      std::any_of(all.begin(), all.end(), [](const auto& object) { return elaborator::known_by_name(kinds::of(object.id)); });
  if (extended && live_.extensions) live_.extensions();
  ahead_ = std::async(std::launch::async, [this] { return make(needed_for(desired_.whole(), begun_)); });
}

void DesiredAgain::read(const std::set<ObjectId>& objects) {
  if (ahead_.valid() && std::includes(begun_.begin(), begun_.end(), objects.begin(), objects.end())) {
    found_ = ahead_.get();
  } else {
    read(needed_for(desired_.whole(), objects));
  }
}

void DesiredAgain::read(const Catalog& part) {
  found_ = make(part);
}

void DesiredAgain::forget() {
  if (ahead_.valid()) ahead_.wait();
  ahead_ = {};
  found_.reset();
}

}  // namespace lockstep::reconciler
