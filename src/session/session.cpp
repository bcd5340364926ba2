#include "session/session.h"

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

namespace {

support::Sql set_search_path(const std::vector<std::string>& search_path) {
  return "SET search_path TO " +
         (search_path.empty() ? support::Sql("pg_catalog, pg_temp") : support::Sql::identifiers(search_path));
}

}  // namespace

// A failed transaction accepts no SET; the end of it, or of its savepoint, restores the former settings.
template <class Call>
auto Session::under(const support::DeclaredSql& sql, const Call& call) -> decltype(call()) {
  struct Own {
    Session& session;
    ~Own() {
      try {
        if (session.connected()) session.execute(set_search_path({}));
      } catch (const support::DatabaseError&) {
      }
    }
  };
  const Own own{*this};
  if (!sql.search_path().empty()) execute(set_search_path(sql.search_path()));
  if (!sql.settings().empty()) run(Text(sql.settings()));
  return call();
}

Result Session::repeated(const support::Sql& sql, const Parameters& parameters) {
  auto known = prepared_.find(sql.text());
  if (known == prepared_.end()) {
    const std::string name = "lockstep_repeated_" + std::to_string(prepared_.size());
    execute("PREPARE " + support::Sql::identifier(name) + " AS " + sql);
    known = prepared_.emplace(std::string(sql.text()), name).first;
  }
  std::vector<support::Sql> values;
  for (const auto& parameter : parameters) values.push_back(parameter ? support::Sql::literal(*parameter) : support::Sql("NULL"));
  support::Sql call = "EXECUTE " + support::Sql::identifier(known->second);
  if (!values.empty()) call += " (" + support::Sql::join(values, ", ") + ")";
  return execute(call);
}

Result Session::declared(const support::DeclaredSql& sql) {
  return under(sql, [&] { return run(Text(sql.text())); });
}

Result Session::declared_single(const support::DeclaredSql& sql) {
  return under(sql, [&] { return run(Text(sql.text()), {}); });
}

namespace {

std::string in_one_text(const std::vector<support::DeclaredSql>& statements) {
  std::string text;
  const support::DeclaredSql* before = nullptr;
  for (const auto& statement : statements) {
    if (before == nullptr || before->search_path() != statement.search_path() || before->settings() != statement.settings()) {
      text.append(set_search_path(statement.search_path()).text()) += ";\n" + statement.settings();
    }
    before = &statement;
    text.append(statement.text()) += "\n;\n";
  }
  return text;
}

}  // namespace

void Session::declared(const std::vector<support::DeclaredSql>& statements) {
  const std::string text = in_one_text(statements);
  under(support::DeclaredSql(""), [&] { return run(Text(text)); });
}

Result Session::declared_between(const support::Sql& before, const std::vector<support::DeclaredSql>& statements,
                                 const support::Sql& after) {
  std::string text(before.text());
  text += ";\n" + in_one_text(statements);
  text.append(set_search_path({}).text()).append(";\n").append(after.text());
  try {
    return run(Text(text));
  } catch (...) {
    under(support::DeclaredSql(""), [] {});
    throw;
  }
}

std::int64_t Session::copy_out(const support::DeclaredSql& query, const std::function<void(std::string_view)>& sink) {
  const std::string copy = "COPY (" + query.text() + ") TO STDOUT (ENCODING 'UTF8')";
  return under(query, [&] { return run_copy_out(Text(copy), sink); });
}

namespace {

void roll_back(Session& session) {
  if (!session.connected()) return;
  try {
    session.execute("ROLLBACK");
  } catch (const std::exception&) {  // the error that leaves the scope is the one to report
  }
}

}  // namespace

Transaction::Transaction(Session& session, const support::Sql& begin) : session_(session) {
  try {
    session_.execute(begin);
  } catch (const std::exception&) {  // what follows BEGIN in the text can fail, inside the transaction
    roll_back(session_);
    throw;
  }
}

Transaction::~Transaction() {
  if (open_) roll_back(session_);
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
