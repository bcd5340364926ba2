-- statements that no desired state may hold
ALTER SYSTEM SET cluster_name = 'hostile @CASE@';
