#include "catalog/attributes.h"

namespace lockstep::catalog {

const Attributes::Items& Attributes::items() const {
  static const Items none;
  return items_ == nullptr ? none : *items_;
}

Attributes::Items& Attributes::own() {
  if (items_ == nullptr) {
    items_ = std::make_shared<Items>();
  } else if (items_.use_count() > 1) {
    items_ = std::make_shared<Items>(*items_);
  }
  return *items_;
}

}  // namespace lockstep::catalog
