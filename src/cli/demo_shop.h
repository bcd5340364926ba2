// The two versions of the shop's application that the demo's rollout runs, and a ledger of what each row must be.
// The old version knows shop_v3.schema, the new one shop_v4.schema.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "cli/traffic.h"
#include "session/session.h"

namespace lockstep::cli {

// What a version of the application knows.
struct ShopShape {
  std::string version;  // begins the text of the reviews that it writes
  std::string score;    // the name of the column
  bool phone = false;   // customers have one
};
inline ShopShape old_shop() {
  return {"old", "score", true};
}
inline ShopShape new_shop() {
  return {"new", "points", false};
}

// Knows the rows from before, and adds what the server has confirmed to an application.
class ShopLedger {
 public:
  // Reads every customer and review in the old shape. REQUIRES: nobody writes meanwhile.
  explicit ShopLedger(postgres::Session& session);

  // Thread-safe. A point for the customer, a phone number if the version knows them, and a review.
  void confirmed(std::int64_t customer, const std::string& review, std::int64_t product, std::int64_t stars, bool phone);

  struct Comparison {
    std::int64_t rows = 0;    // found, customers and reviews
    std::int64_t by_new = 0;  // reviews among them that the new version wrote
    std::int64_t phones = 0;  // phone numbers among what was compared
    std::int64_t lost = 0, extra = 0, wrong = 0;
    std::string first;  // of what is lost, extra or wrong
    bool same() const { return lost + extra + wrong == 0; }
  };
  // Every customer and review with what it must be. REQUIRES: nobody writes meanwhile.
  Comparison compare(postgres::Session& session, const ShopShape& shape);

 private:
  struct Customer {
    std::int64_t id = 0, score = 0;
    std::size_t phone = 0, rest = 0;  // hashes
  };
  std::mutex mutex_;
  std::vector<Customer> customers_;                        // by id, which begins with 1 and has no gaps
  std::unordered_map<std::int64_t, std::size_t> reviews_;  // from before: id, hash
  std::unordered_map<std::string, std::size_t> written_;   // by its text, which is its own; hash
};

// Distinct `name`s for applications that run one after the other: their reviews are told apart by it.
std::shared_ptr<Application> shop_application(const ShopShape& shape, const std::string& name,
                                              const std::shared_ptr<ShopLedger>& ledger);

}  // namespace lockstep::cli
