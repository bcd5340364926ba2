-- statements that no desired state may hold [refused]
COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program';
