-- statements that no desired state may hold [refused]
LOAD '@SECRET@';
