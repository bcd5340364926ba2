// What functions and procedures share: their catalog columns, their CREATE statement and their declaration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// One argument as it stands in an argument list; its default is not part of `text`.
struct Argument {
  std::string text;  // "IN amount numeric(10, 2)"
  bool has_default = false;
};
// Splits at top-level commas and cuts "DEFAULT …" and "= …" off. Understands quotes, dollar quotes, brackets and comments.
std::vector<Argument> split_arguments(std::string_view text);

// The introspection query; `prokinds`: "'f', 'w'". `attributes` are output columns over pg_proc p and pg_language l.
std::string routine_introspection(std::string_view prokinds, std::string_view attributes);
// "shop.f(integer, text)". The last part of a declared id is a whole argument list: names are harmless, defaults are cut.
std::string routine_address(const ObjectId& id);
// CREATE, or CREATE OR REPLACE where the routine stays the one it was.
// LEAKPROOF is a superuser's word.
std::vector<std::string> leakproof_statement(const Object& object);
Steps create_routine(const KindSpec& kind, const Object& object, const Context& context);
std::string declare_routine(std::string_view word, const Object& object);
Steps rename_routine(const KindSpec& kind, const ObjectId& from, const ObjectId& to);
// CREATE OR REPLACE keeps the identity: same argument names and modes, no default lost, same result.
bool replaceable_routine(const Object& from, const Object& to);
// A routine of the same signature and promises that anybody may make, for one in a language that only a superuser may use (C).
// It returns null; its body holds `mark`. nullopt: the object is none.
std::optional<Object> routine_stub(const Object& object, const std::string& mark);
// What it was read back as, with what only the original can say.
Object routine_meant(Object read, const Object& original);
// Whether PostgreSQL reads this body back of the stub with that mark.
bool is_routine_stub(const Object& read, const std::string& mark);
// The extension that brings the language, for those that are not built in.
std::vector<ObjectId> language_of(const Object& object, const Catalog& catalog);

namespace routine {  // attributes
inline constexpr Attr<std::string> kArguments{"arguments"}, kResult{"result"}, kLanguage{"language"}, kVolatility{"volatility"},
    kParallel{"parallel"}, kCost{"cost"}, kRows{"rows"}, kSupport{"support"}, kTransform{"transform"}, kBody{"body"},
    kObjectFile{"object_file"}, kSqlBody{"sql_body"};
inline constexpr Attr<bool> kStrict{"strict"}, kSecurityDefiner{"security_definer"}, kLeakproof{"leakproof"}, kWindow{"window"};
inline constexpr Attr<List> kConfiguration{"configuration"};
}  // namespace routine

}  // namespace lockstep::kinds
