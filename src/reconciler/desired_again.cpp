#include "reconciler/desired_again.h"

#include <algorithm>

#include "elaborator/scratch_copy.h"
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
