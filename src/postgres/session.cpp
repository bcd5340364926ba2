#include "postgres/session.h"

#include <charconv>

#include "support/error.h"

namespace lockstep::postgres {

std::int64_t Result::integer(std::size_t row, std::size_t column) const {
  const std::string_view text = at(row, column).value_or("");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && (error != std::errc() || end != text.data() + text.size())) {
    throw support::InternalError("the server sent \"" + std::string(text) + "\" where an integer was asked for");
  }
  return value;
}

bool Result::boolean(std::size_t row, std::size_t column) const {
  return at(row, column) == "t";
}

Transaction::Transaction(Session& session, std::string_view begin) : session_(session) {
  session_.execute(begin);
}

Transaction::~Transaction() {
  if (!open_ || !session_.connected()) return;
  try {
    session_.execute("ROLLBACK");
  } catch (const std::exception&) {  // the error that is leaving the scope is the one to report
  }
}

void Transaction::commit() {
  open_ = false;  // a failed COMMIT has ended the transaction too
  session_.execute("COMMIT");
}

std::vector<std::string> parse_array(std::string_view text) {
  std::vector<std::string> elements;
  if (text.size() < 2 || text.front() != '{' || text.back() != '}') {
    throw support::InternalError("not an array of PostgreSQL: \"" + std::string(text) + '"');
  }
  const std::size_t end = text.size() - 1;
  for (std::size_t i = 1; i < end; ++i) {
    std::string element;
    if (text[i] == '"') {
      for (++i; i < end && text[i] != '"'; ++i) {
        if (text[i] == '\\') ++i;
        element += text[i];
      }
      ++i;
    } else {
      const std::size_t begin = i;
      while (i < end && text[i] != ',') ++i;
      element = text.substr(begin, i - begin);
      if (element == "NULL") element.clear();
    }
    elements.push_back(std::move(element));
  }
  return elements;
}

}  // namespace lockstep::postgres
