-- statements that no desired state may hold
LOAD '@SECRET@';
