-- statements that no desired state may hold [refused]
\! touch @TRACES@/@CASE@.program
\copy (select 1) to program 'touch @TRACES@/@CASE@.program'
\i @SECRET@
