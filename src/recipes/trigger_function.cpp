#include "recipes/trigger_function.h"

#include "support/sql_text.h"

namespace lockstep::recipes {

std::string trigger_function(const std::string& name, const std::string& body, const std::vector<std::string>& settings) {
  std::string options = " SET search_path FROM CURRENT";
  for (const std::string& setting : settings) options += " SET " + support::quote_identifier(setting) + " FROM CURRENT";
  if (body.find('\\') != std::string::npos) options += " SET standard_conforming_strings TO on";
  return "CREATE FUNCTION lockstep." + name + "() RETURNS trigger LANGUAGE plpgsql" + options + " AS " +
         support::dollar_quote("#variable_conflict use_column\n" + body);
}

}  // namespace lockstep::recipes
