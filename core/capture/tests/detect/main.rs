mod made;
mod media;
