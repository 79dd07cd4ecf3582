// Makes the pictures of the README and of docs/ anew: npm run pictures. Needs ffmpeg and Chromium.
import { join } from 'node:path'
import { shootPictures } from './shoot'

void shootPictures(join(__dirname, '..', '..', 'docs', 'pictures'))
