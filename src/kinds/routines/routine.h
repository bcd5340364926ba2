// What functions and procedures share: their catalog columns, their CREATE statement and their declaration.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kinds/kind.h"

namespace lockstep::kinds {

// One argument of an argument list. Its default is not part of `text`.
struct Argument {
  std::string text;  // "IN amount numeric(10, 2)"
  bool has_default = false;
};
// Splits at top-level commas and removes "DEFAULT …" and "= …". Handles quotes, dollar quotes, brackets and comments.
std::vector<Argument> split_arguments(std::string_view text);

// The introspection query; `prokinds`: "'f', 'w'". `attributes` are output columns over pg_proc p and pg_language l.
std::string routine_introspection(std::string_view prokinds, std::string_view attributes);
// "shop.f(integer, text)". The last part of a declared id is a whole argument list: argument names are kept, defaults are
// removed.
std::string routine_address(const ObjectId& id);
// ALTER … LEAKPROOF, which only a superuser may run, as a statement of its own; empty if the routine isn't leakproof.
std::vector<std::string> leakproof_statement(const Object& object);
// CREATE, or CREATE OR REPLACE if the routine keeps its identity.
Steps create_routine(const KindSpec& kind, const Object& object, const Context& context);
std::string declare_routine(std::string_view word, const Object& object);
Steps rename_routine(const KindSpec& kind, const ObjectId& from, const ObjectId& to);
// Whether CREATE OR REPLACE works: same argument names and modes, no default removed, same result.
bool replaceable_routine(const Object& from, const Object& to);
// KindSpec::displaces: routines that go, or lose a default, and would be called ambiguously beside the new one or beside one that
// gets a default (one of both has arguments that may be left out, and a call can have a number of them that both take), or that
// are of another kind with the same arguments.
std::vector<ObjectId> displaced_by_routine(const Object& routine, const Catalog& from, const Catalog& to);
// Adds to the step that creates it what its name means from there on, beside the other routines of that name.
void warn_of_namesakes(const Object& routine, const Context& context, Step& step);
// AttrSpec::breaking of security_definer.
std::string breaks_security(const Object& from, const Object& to);
// A stub for a routine in a language that only a superuser may use (C): a routine of the same signature and properties that
// anybody may create. It returns null; its body contains `mark`. nullopt: the object needs no stub.
std::optional<Object> routine_stub(const Object& object, const std::string& mark);
// The stub `read` back, with the attributes that only the original can have.
Object routine_meant(Object read, const Object& original);
// Whether `read` is a stub with that mark, as PostgreSQL prints it.
bool is_routine_stub(const Object& read, const std::string& mark);
// The extension that provides the language, if it isn't built in.
std::vector<ObjectId> language_of(const Object& object, const Catalog& catalog);

namespace routine {  // attributes
inline constexpr Attr<std::string> kVolatility{"volatility"}, kParallel{"parallel"}, kCost{"cost"}, kRows{"rows"},
    kSupport{"support"}, kTransform{"transform"}, kObjectFile{"object_file"}, kSqlBody{"sql_body"};
inline constexpr Attr<bool> kStrict{"strict"}, kSecurityDefiner{"security_definer"}, kLeakproof{"leakproof"}, kWindow{"window"};
inline constexpr Attr<List> kConfiguration{"configuration"};
}  // namespace routine

}  // namespace lockstep::kinds
