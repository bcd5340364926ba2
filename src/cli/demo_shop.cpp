#include "cli/demo_shop.h"

#include <fmt/format.h>

#include <functional>

#include "support/sql_text.h"

namespace lockstep::cli {
namespace {

constexpr std::int64_t kTouched = 10000;  // customers that the applications write to
constexpr std::int64_t kRead = 2000;      // products and reviews that they read

std::size_t hash(const std::string& text) {
  return std::hash<std::string>()(text);
}
std::string phone_of(std::int64_t customer) {
  return fmt::format("+1 777 {}", customer);
}
std::size_t hash_of_review(std::int64_t customer, std::int64_t product, std::int64_t stars) {
  return hash(fmt::format("{}|{}|{}", customer, product, stars));
}

// Calls `row` for each row of a table's query, which is ordered by `id`, its first column, in pieces.
void each(postgres::Session& session, const support::Sql& select,
          const std::function<void(const postgres::Result&, std::size_t)>& row) {
  constexpr std::size_t kPiece = 50000;
  std::int64_t after = 0;
  while (true) {
    const postgres::Result found =
        session.query(select + " WHERE id > $1::bigint ORDER BY id LIMIT 50000", {std::to_string(after)});
    for (std::size_t i = 0; i < found.size(); ++i) row(found, i);
    if (found.size() < kPiece) return;
    after = found.integer(found.size() - 1, 0);
  }
}

// id, score, what no version changes, and the phone number if the shape has one.
support::Sql customers(const ShopShape& shape) {
  return "SELECT id, " + support::Sql::identifier(shape.score) + "::bigint, email::text || full_name || country || joined_at, " +
         (shape.phone ? support::Sql("phone") : support::Sql("NULL")) + " FROM shop.customers";
}

// id, text, what the ledger keeps of it, and when it was written.
constexpr const char* kReviews = "SELECT id, body, customer_id, product_id, stars::bigint, written_at FROM shop.product_reviews";

class ShopApplication : public Application {
 public:
  ShopApplication(ShopShape shape, std::string name, std::shared_ptr<ShopLedger> ledger)
      : shape_(std::move(shape)), name_(std::move(name)), ledger_(std::move(ledger)) {}

  std::string prepare() const override {
    return "PREPARE read_review (bigint) AS SELECT id, stars, body FROM shop.product_reviews WHERE id = $1";
  }
  std::string deallocate() const override { return "DEALLOCATE read_review"; }

  bool writes(std::int64_t number) const override { return number % 3 == 2; }

  std::string statements(std::int64_t number) const override {
    const std::int64_t customer = customer_of(number);
    if (!writes(number))
      return fmt::format(
          "SELECT title, price_cents FROM shop.product_catalogue WHERE id = {}; SELECT email, {}{} FROM shop.customers WHERE id "
          "= "
          "{}; EXECUTE read_review({})",
          product_of(number), shape_.phone ? "phone, " : "", shape_.score, customer, product_of(number));
    return fmt::format(
        "BEGIN; UPDATE shop.customers SET {0} = {0} + 1{1} WHERE id = {2}; INSERT INTO shop.product_reviews (product_id, "
        "customer_id, stars, body) VALUES ({3}, {2}, {4}, '{5}'); COMMIT",
        shape_.score, shape_.phone ? ", phone = '" + phone_of(customer) + "'" : "", customer, product_of(number),
        stars_of(number), review(number));
  }

  void confirmed(std::int64_t number) override {
    if (writes(number))
      ledger_->confirmed(customer_of(number), review(number), product_of(number), stars_of(number), shape_.phone);
  }

 private:
  // Multiplying by a prime spreads consecutive numbers over different rows.
  static std::int64_t customer_of(std::int64_t number) { return number * 7919 % kTouched + 1; }
  static std::int64_t product_of(std::int64_t number) { return number * 7919 % kRead + 1; }
  static std::int64_t stars_of(std::int64_t number) { return 1 + number % 5; }
  std::string review(std::int64_t number) const { return fmt::format("{} {} {}", shape_.version, name_, number); }

  ShopShape shape_;
  std::string name_;
  std::shared_ptr<ShopLedger> ledger_;
};

}  // namespace

ShopLedger::ShopLedger(postgres::Session& session) {
  each(session, customers(old_shop()), [this](const postgres::Result& found, std::size_t row) {
    customers_.push_back({found.integer(row, 0), found.integer(row, 1), hash(found.text(row, 3)), hash(found.text(row, 2))});
  });
  each(session, kReviews, [this](const postgres::Result& found, std::size_t row) {
    reviews_[found.integer(row, 0)] = hash(found.text(row, 1) + found.text(row, 5)) ^
                                      hash_of_review(found.integer(row, 2), found.integer(row, 3), found.integer(row, 4));
  });
}

void ShopLedger::confirmed(std::int64_t customer, const std::string& review, std::int64_t product, std::int64_t stars,
                           bool phone) {
  const std::size_t phone_hash = hash(phone_of(customer));
  const std::lock_guard lock(mutex_);
  Customer& row = customers_.at(static_cast<std::size_t>(customer - 1));
  ++row.score;
  if (phone) row.phone = phone_hash;
  written_[review] = hash_of_review(customer, product, stars);
}

ShopLedger::Comparison ShopLedger::compare(postgres::Session& session, const ShopShape& shape) {
  const std::lock_guard lock(mutex_);
  Comparison result;
  const auto count = [&result](std::int64_t& what, const char* word, const std::string& row) {
    ++what;
    if (result.first.empty()) result.first = fmt::format("{} is {}", row, word);
  };

  std::size_t next = 0;
  each(session, customers(shape), [&](const postgres::Result& found, std::size_t row) {
    const std::int64_t id = found.integer(row, 0);
    const std::string name = fmt::format("customer {}", id);
    for (; next < customers_.size() && customers_[next].id < id; ++next)
      count(result.lost, "lost", fmt::format("customer {}", customers_[next].id));
    if (next == customers_.size() || customers_[next].id != id) return count(result.extra, "too much", name);
    const Customer& expected = customers_[next++];
    ++result.rows;
    if (shape.phone) ++result.phones;
    if (found.integer(row, 1) != expected.score || hash(found.text(row, 2)) != expected.rest ||
        (shape.phone && hash(found.text(row, 3)) != expected.phone))
      count(result.wrong, "not what was written", name);
  });
  for (; next < customers_.size(); ++next) count(result.lost, "lost", fmt::format("customer {}", customers_[next].id));

  std::size_t from_before = 0;
  std::unordered_map<std::string, std::size_t> missing = written_;
  each(session, kReviews, [&](const postgres::Result& found, std::size_t row) {
    const std::string text = found.text(row, 1), name = fmt::format("review {} ({})", found.integer(row, 0), text);
    const std::size_t is = hash_of_review(found.integer(row, 2), found.integer(row, 3), found.integer(row, 4));
    const auto before = reviews_.find(found.integer(row, 0));
    const auto written = missing.find(text);
    if (before != reviews_.end()) {
      ++from_before;
      if (before->second != (hash(text + found.text(row, 5)) ^ is)) count(result.wrong, "not what it was", name);
    } else if (written != missing.end()) {
      if (written->second != is) count(result.wrong, "not what was written", name);
      missing.erase(written);
      if (text.rfind(new_shop().version, 0) == 0) ++result.by_new;
    } else {
      return count(result.extra, "too much", name);
    }
    ++result.rows;
  });
  for (const auto& [text, is] : missing) count(result.lost, "lost", "the review " + text);
  for (; from_before < reviews_.size(); ++from_before) count(result.lost, "lost", "a review from before");
  return result;
}

std::shared_ptr<Application> shop_application(const ShopShape& shape, const std::string& name,
                                              const std::shared_ptr<ShopLedger>& ledger) {
  return std::make_shared<ShopApplication>(shape, name, ledger);
}

}  // namespace lockstep::cli
