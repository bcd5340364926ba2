-- statements that no desired state may hold [refused]
ALTER SYSTEM SET cluster_name = 'hostile @CASE@';
