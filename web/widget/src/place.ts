// Where the citizen is, once, after they agreed. China's phones may take a while indoors.

import type { Place } from './protocol';

export function locate(): Promise<Place | null> {
  return new Promise((done) => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => done({ latitude: coords.latitude, longitude: coords.longitude, label: '' }),
      () => done(null),
      { enableHighAccuracy: true, timeout: 15_000, maximumAge: 60_000 },
    );
  });
}
