#include "elaborator/build_errors.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "elaborator/external_objects.h"
#include "kinds/registry.h"

namespace lockstep::elaborator {

using catalog::ObjectId;
using parser::Declared;
using support::Span;

// A statement without its later lines.
Span first_line(const Span& statement) {
  Span result = statement;
  result.end = std::min(statement.end, statement.begin + std::min(statement.text().find('\n'), statement.text().size()));
  return result;
}

namespace {

// The byte offset of the character position that PostgreSQL reported.
std::size_t offset_of(const support::DatabaseError::Facts& facts) {
  const std::string& statement = facts.statement;
  std::size_t offset = 0;
  for (int character = 1; character < facts.position && offset < statement.size(); ++character) {
    do ++offset;
    while (offset < statement.size() && (static_cast<unsigned char>(statement[offset]) & 0xC0U) == 0x80U);
  }
  return offset;
}

// The place of the character at `offset` of the statement, if it is in one of these texts.
std::optional<Span> exact_place(const parser::Place& place, const std::string& statement, std::size_t offset) {
  for (const auto& [name, span] : place.attributes) {
    const std::string text(span.text());
    if (text.empty()) continue;
    for (auto at = statement.find(text); at != std::string::npos; at = statement.find(text, at + 1)) {
      if (offset < at || offset > at + text.size()) continue;
      Span exact = span;
      exact.begin = span.begin + (offset - at);
      exact.end = std::min(span.end, exact.begin + 1);
      return exact;
    }
  }
  return std::nullopt;
}

bool is_part_of(const ObjectId& part, const ObjectId& whole) {
  return part.path.size() > whole.path.size() && std::equal(whole.path.begin(), whole.path.end(), part.path.begin());
}

// The place of an error in the user's files: the character that PostgreSQL reported, if it is in a text of the declaration or
// of one of its parts (a table is created with its columns).
Span place_of(const Declared& declared, const BuildFailure& failure) {
  const auto found = declared.places.find(failure.object);
  if (found == declared.places.end()) return {};
  const parser::Place& place = found->second;
  if (failure.facts.position <= 0) return place.head;
  const std::size_t offset = offset_of(failure.facts);
  if (const auto exact = exact_place(place, failure.facts.statement, offset)) return *exact;
  for (const auto& [id, part] : declared.places) {
    if (!is_part_of(id, failure.object)) continue;
    if (const auto exact = exact_place(part, failure.facts.statement, offset)) return *exact;
  }
  return place.head;
}

// As a whole word: `type "bigin"` does not name t.
bool names(const std::string& message, const std::string& name) {
  const auto in_word = [&](std::size_t at) {
    const auto c = static_cast<unsigned char>(message[at]);
    return std::isalnum(c) != 0 || c == '_' || c == '$' || c >= 0x80;
  };
  for (auto at = message.find(name); at != std::string::npos; at = message.find(name, at + 1)) {
    const std::size_t end = at + name.size();
    if ((at == 0 || !in_word(at - 1)) && (end == message.size() || !in_word(end))) return true;
  }
  return false;
}

// Whether `failure` only reports the absence of something that failed itself (`other`).
bool follows_from(const BuildFailure& failure, const BuildFailure& other) {
  static const std::set<std::string> kMissing = {"42P01", "42704", "42883", "42703", "3F000"};
  if (failure.object == other.object || other.object.path.empty()) return false;
  if (is_part_of(failure.object, other.object)) return true;
  if (is_part_of(other.object, failure.object)) return false;
  if (!kMissing.contains(failure.facts.sqlstate)) return false;
  const auto& path = other.object.path;
  const std::string& name = path.size() > 1 ? path[1] : path[0];  // in its schema, or outside all schemas
  return !name.empty() && names(failure.facts.message, name);
}

// The errors to correct, each with the number of objects that fail only because of it.
std::vector<std::pair<BuildFailure, std::size_t>> causes_of(const std::vector<BuildFailure>& failures) {
  std::vector<std::pair<BuildFailure, std::size_t>> causes;
  std::vector<std::size_t> following;
  for (std::size_t i = 0; i < failures.size(); ++i) {
    const bool follows = std::any_of(failures.begin(), failures.end(), [&](const BuildFailure& other) {
      return follows_from(failures[i], other) && !follows_from(other, failures[i]);
    });
    if (follows) {
      following.push_back(i);
    } else {
      causes.emplace_back(failures[i], 0);
    }
  }
  for (const std::size_t i : following) {
    const auto cause =
        std::find_if(causes.begin(), causes.end(), [&](const auto& item) { return follows_from(failures[i], item.first); });
    if (cause != causes.end()) ++cause->second;
  }
  if (causes.empty()) {  // all failures are in cycles, so all of them are reported
    for (const BuildFailure& failure : failures) causes.emplace_back(failure, 0);
  }
  return causes;
}

// "check of shop.orders" if PostgreSQL chooses the name.
std::string name_of(const ObjectId& id) {
  if (id.path.empty() || !kinds::is_placeholder(id.path.back())) return catalog::to_string(id);
  return catalog::to_string({id.kind, {id.path.begin(), id.path.end() - 1}});
}

Span place_of(const ScriptFailure& failure) {
  const Span& statement = failure.statement->span;
  const bool own = failure.facts.position > 0 && failure.facts.statement == statement.text();
  if (!own) return first_line(statement);
  const std::size_t at = std::min(statement.begin + offset_of(failure.facts), statement.end);
  return {statement.source, at, std::min(statement.end, at + 1)};
}

bool duplicate(const support::DatabaseError::Facts& facts) {
  static const std::set<std::string> kDuplicate = {"42P06", "42P07", "42710", "42723"};
  return kDuplicate.contains(facts.sqlstate);
}

// The place of another declaration of the same name, if it is known.
Span other_place(const Declared& declared, const catalog::Path& path, const parser::Statement* but) {
  const auto alike = [&](const catalog::Path& other) {
    return other == path || (other.size() == 3 && path.size() == 3 && other[0] == path[0] && other[1] == path[1]);
  };
  if (path.empty()) return {};
  for (const auto& script : declared.scripts) {
    for (const auto& statement : script.statements) {
      if (&statement != but && !statement.makes.empty() && alike(statement.makes)) return first_line(statement.span);
    }
  }
  if (but == nullptr) return {};
  for (const auto& [id, place] : declared.places) {
    if (!kinds::of(id).is_satellite() && alike(id.path)) return place.head;
  }
  return {};
}

// `following`: the number of other objects that fail because of this one.
void report(const support::DatabaseError::Facts& facts, const std::string& subject, const Span& place, const Span& other,
            support::Diagnostics& diagnostics, std::size_t following = 0) {
  // The error of the replaced handler of a foreign-data wrapper: see disarm_extensions().
  const bool reads = facts.message == "cannot accept a value of type fdw_handler";
  std::string message =
      subject + (reads ? "a foreign table can't be read on a scratch database, where no handler of a foreign-data "
                         "wrapper runs"
                       : facts.message);
  if (!facts.detail.empty()) message += " (" + facts.detail + ")";
  if (following > 0) message += "; " + std::to_string(following) + " more that need it can't be made either";
  support::Diagnostic error{support::Severity::error, "LS0301", std::move(message), place, {}, facts.hint};
  if (duplicate(facts) && other) error.notes.push_back({"it is declared here too", other});
  diagnostics.add(std::move(error));
}

// The contents of the extension are unknown. If the live database has it, Lockstep makes a stub.
constexpr const char* kNoExtension =
    "install it where scratch databases are made, or use `shadow: same-server`; or create it in the database first (apply a file "
    "that declares just the extension): Lockstep then works with stubs for what it brings, and names what is unproved";

}  // namespace

void report_build(const Declared& declared, const std::vector<BuildFailure>& failures,
                  const std::vector<ScriptFailure>& of_scripts, support::Diagnostics& diagnostics) {
  for (auto& [failure, following] : causes_of(failures)) {
    if (known_by_name(kinds::of(failure.object))) failure.facts.hint = kNoExtension;
    report(failure.facts, name_of(failure.object) + ": ", place_of(declared, failure),
           other_place(declared, failure.object.path, nullptr), diagnostics, following);
  }
  for (const auto& failure : of_scripts) {
    report(failure.facts, {}, place_of(failure), other_place(declared, failure.statement->makes, failure.statement), diagnostics);
  }
}

}  // namespace lockstep::elaborator
