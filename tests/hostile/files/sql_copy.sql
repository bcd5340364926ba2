-- statements that no desired state may hold
COPY (SELECT 1) TO PROGRAM 'touch @TRACES@/@CASE@.program';
